package asm

// Without a bf16 instruction a bf16 product is made of float32 multiply-adds, and has their ceiling.

func peakTileGenericWidth() int { return peakWidth() }

func peakTileGeneric(n int) { peakFMA(n) }
