package main

var arith = []elementwise{
	{name: "add", params: "z, x, y []float32", unroll: 4,
		value: func(t *target, x []vector) vector { return t.add(x[0], x[1]) }},
	{name: "sub", params: "z, x, y []float32", unroll: 4,
		value: func(t *target, x []vector) vector { return t.sub(x[0], x[1]) }},
	{name: "mul", params: "z, x, y []float32", unroll: 4,
		value: func(t *target, x []vector) vector { return t.mul(x[0], x[1]) }},
	{name: "div", params: "z, x, y []float32", unroll: 1,
		value: func(t *target, x []vector) vector { return t.div(x[0], x[1]) }},
	{name: "larger", params: "z, x, y []float32", unroll: 4,
		value: func(t *target, x []vector) vector { return t.max(x[1], x[0]) }},
	{name: "mulAdd", params: "z, x, y, w []float32", unroll: 4,
		value: func(t *target, x []vector) vector { return t.fma(x[0], x[1], x[2]) }},
	{name: "scale", params: "z []float32, a float32, x []float32", unroll: 4,
		value: func(t *target, x []vector) vector { return t.mul(x[0], x[1]) }},
	{name: "addScaled", params: "z []float32, a float32, x, y []float32", unroll: 4,
		value: func(t *target, x []vector) vector { return t.fma(x[0], x[1], x[2]) }},
	{name: "shift", params: "z []float32, a float32, x []float32", unroll: 4,
		value: func(t *target, x []vector) vector { return t.add(x[1], x[0]) }},
	{name: "lerp", params: "z []float32, a float32, x, y []float32", unroll: 4,
		value: func(t *target, x []vector) vector { return t.fma(x[0], t.sub(x[2], x[1]), x[1]) }},
	{name: "sqrt", params: "z, x []float32", unroll: 1,
		value: func(t *target, x []vector) vector { return t.sqrt(x[0]) }},
	{name: "rsqrt", params: "z, x []float32", unroll: 1,
		value: func(t *target, x []vector) vector { return t.div(t.c(1), t.sqrt(x[0])) }},
	{name: "abs", params: "z, x []float32", unroll: 4,
		value: func(t *target, x []vector) vector { return t.abs(x[0]) }},
	{name: "clamp", params: "z []float32, lo, hi float32, x []float32", unroll: 4,
		value: func(t *target, x []vector) vector { return t.min(x[1], t.max(x[0], x[2])) }},
}

func (t *target) abs(x vector) vector { return t.and(x, t.bits(1<<31-1)) }
