//go:build purego || !(amd64 || arm64)

package asm

func sum(s *[16]float32, x []float32) { sumGeneric(s, x) }

func dot(s *[16]float32, x, y []float32) { dotGeneric(s, x, y) }

func maximum(s *[16]float32, x []float32) { maximumGeneric(s, x) }
