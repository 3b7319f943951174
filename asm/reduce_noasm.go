package asm

func sum(x []float32) float32 {
	return sumGeneric(x)
}

func dot(x, y []float32) float32 {
	return dotGeneric(x, y)
}

func maximum(x []float32) float32 {
	return maximumGeneric(x)
}
