//go:build purego || !(amd64 || arm64)

package asm

func tileSizeBF16() (rows, wide, narrow int) { return plainSizeBF16() }

func tileBF16(z, bias []float32, segments []SegmentBF16, t *Tiling) {
	tileBF16Plain(z, bias, segments, t)
}
