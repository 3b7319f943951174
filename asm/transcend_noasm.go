//go:build purego || !(amd64 || arm64)

package asm

func exp(z, x []float32) { expGeneric(z, x) }

func log(z, x []float32) { logGeneric(z, x) }

func sigmoid(z, x []float32) { sigmoidGeneric(z, x) }

func silu(z, x []float32) { siluGeneric(z, x) }

func siluGrad(z, x, dz []float32) { siluGradGeneric(z, x, dz) }

func tanh(z, x []float32) { tanhGeneric(z, x) }
