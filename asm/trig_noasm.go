//go:build purego || !amd64

package asm

func sin(z, x []float32) { sinGeneric(z, x) }

func cos(z, x []float32) { cosGeneric(z, x) }
