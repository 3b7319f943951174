//go:build purego || !(amd64 || arm64)

package asm

func peakWidth() int { return 4 }

func peakFMA(n int) { peakGeneric(n) }
