//go:build purego || !(amd64 || arm64)

package asm

func affine(z, x, a, b []float32) { affineGeneric(z, x, a, b) }

func affineSiLU(z, x, a, b []float32) { affineSiLUGeneric(z, x, a, b) }

func affineSiLUGrad(z, x, a, b, dz []float32) { affineSiLUGradGeneric(z, x, a, b, dz) }

func affine2(z, x, a, y, b, c []float32) { affine2Generic(z, x, a, y, b, c) }
