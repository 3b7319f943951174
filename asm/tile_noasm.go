//go:build purego || !(amd64 || arm64)

package asm

func tileSize() (rows, wide, narrow int) { return genericRows, genericWide, genericNarrow }

func tile(z, bias []float32, segments []Segment, t *Tiling) { tilePlain(z, bias, segments, t) }
