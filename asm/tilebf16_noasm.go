//go:build purego || !(amd64 || arm64)

package asm

func tileSizeBF16() (rows, wide, narrow int) { return plainSizeBF16() }

func panelsBF16(z, bias []float32, s SegmentBF16, t *Tiling, panel int) {
	eachPanel(z, bias, s, t, panel)
}

func tileBF16(z, bias []float32, segments []SegmentBF16, t *Tiling) {
	tileBF16Plain(z, bias, segments, t)
}
