//go:build !purego

package asm

//go:generate go -C internal/gen run ./vector
//go:generate go -C internal/gen run ./product

import "github.com/klauspost/cpuid/v2"

func detect() []string {
	var names []string
	if cpuid.CPU.Supports(cpuid.AVX512F, cpuid.AVX512BW, cpuid.AVX512DQ, cpuid.AVX512VL) {
		names = append(names, "avx512")
	}
	if cpuid.CPU.Supports(cpuid.AVX2, cpuid.FMA3) {
		names = append(names, "avx2")
	}
	return names
}
