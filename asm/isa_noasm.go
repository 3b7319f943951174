//go:build purego || !amd64

package asm

func detect() []string { return nil }
