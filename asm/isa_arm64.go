//go:build !purego

package asm

// detect returns neon: every arm64 machine has it.
func detect() ([]string, []Refusal) { return []string{"neon"}, nil }
