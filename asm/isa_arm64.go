//go:build !purego

package asm

// detect returns neon: every arm64 machine has it.
func detect() []string { return []string{"neon"} }
