//go:build purego || !(amd64 || arm64)

package asm

func detect() ([]string, []Refusal) { return nil, nil }
