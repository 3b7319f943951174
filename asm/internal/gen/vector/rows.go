package main

var rows = []elementwise{
	{name: "affine", params: "z, x, a, b []float32", rows: []string{"a", "b"}, unroll: 4,
		value: func(t *target, x []vector) vector { return t.fma(x[0], x[1], x[2]) }},
	{name: "affineSiLU", params: "z, x, a, b []float32", rows: []string{"a", "b"}, unroll: 1, ahead: []string{"z", "x"},
		value: func(t *target, x []vector) vector { return t.silu(t.fma(x[0], x[1], x[2])) }},
	{name: "affineSiLUGrad", params: "z, x, a, b, dz []float32", rows: []string{"a", "b"}, unroll: 1, ahead: []string{"x", "dz"},
		value: func(t *target, x []vector) vector { return t.siluGrad(t.fma(x[0], x[1], x[2]), x[3]) }},
	{name: "affine2", params: "z, x, a, y, b, c []float32", rows: []string{"a", "b", "c"}, unroll: 4,
		value: func(t *target, x []vector) vector { return t.fma(x[0], x[1], t.fma(x[2], x[3], x[4])) }},
}
