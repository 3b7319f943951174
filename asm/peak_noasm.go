//go:build purego || !amd64

package asm

func peakWidth() int { return 4 }

func peakFMA(n int) { peakGeneric(n) }
