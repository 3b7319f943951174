package asm

// Without an instruction of its own a bf16 product is made of float32 multiply-adds, and their ceiling is its own.

func peakTileGenericWidth() int { return peakWidth() }

func peakTileGeneric(n int) { peakFMA(n) }
