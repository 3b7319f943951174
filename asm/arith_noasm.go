//go:build purego || !(amd64 || arm64)

package asm

func add(z, x, y []float32) { addGeneric(z, x, y) }

func sub(z, x, y []float32) { subGeneric(z, x, y) }

func mul(z, x, y []float32) { mulGeneric(z, x, y) }

func div(z, x, y []float32) { divGeneric(z, x, y) }

func larger(z, x, y []float32) { largerGeneric(z, x, y) }

func mulAdd(z, x, y, w []float32) { mulAddGeneric(z, x, y, w) }

func scale(z []float32, a float32, x []float32) { scaleGeneric(z, a, x) }

func addScaled(z []float32, a float32, x, y []float32) { addScaledGeneric(z, a, x, y) }

func shift(z []float32, a float32, x []float32) { shiftGeneric(z, a, x) }

func lerp(z []float32, a float32, x, y []float32) { lerpGeneric(z, a, x, y) }

func sqrt(z, x []float32) { sqrtGeneric(z, x) }

func rsqrt(z, x []float32) { rsqrtGeneric(z, x) }

func abs(z, x []float32) { absGeneric(z, x) }

func clamp(z []float32, lo, hi float32, x []float32) { clampGeneric(z, lo, hi, x) }
