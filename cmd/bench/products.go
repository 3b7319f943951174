package main

import (
	"fmt"

	"spdiff/tensor"
)

// benchCase is one thing to time: setup makes its data and returns what is timed, or program does.
type benchCase struct {
	name    string
	batch   int
	threads int     // where it is not the caller's choice
	work    float64 // GFLOP of one run
	setup   func() func()
	program func() *profiled
	parts   func() int // into how many parts a run's time is divided, known after setup; nil: one

	precision tensor.Precision // of its products
}

// begin makes the case's data and returns what is timed.
func (c *benchCase) begin() func() {
	if c.program != nil {
		return c.program().run
	}
	return c.setup()
}

func cases(p tensor.Precision) []benchCase {
	all := ceilingCases()
	add := func(cs ...benchCase) {
		for _, c := range cs {
			c.precision = p
			all = append(all, c)
		}
	}
	for _, s := range gemmSizes {
		add(gemmCase(s[0], s[1], s[2], p))
	}
	for _, s := range convSizes {
		add(convCases("conv3x3", tensor.Dense(3, 3), s[0], s[1], p)...)
	}
	for _, s := range convSizes {
		add(convCases("tied3x3", tied3x3(), s[0], s[1], p)...)
	}
	all = append(all, solverCases()...)
	all = append(all, wrapCases()...)
	add(structureCases(p)...)
	add(ganCases(p)...)
	all = append(all, inceptionCase())
	add(unetCases(p)...)
	return all
}

// gemmSizes are m, n, k: squares, 3×3 convolutions as products, tied 3×3, 1×1, small.
var gemmSizes = [][3]int{{512, 512, 512}, {1024, 1024, 1024}, {2048, 2048, 2048},
	{25088, 64, 576}, {6272, 128, 1152}, {1568, 256, 2304},
	{25088, 64, 192}, {6272, 256, 128}, {784, 64, 64}}

// convSizes are channels (in and out) and side in pixels.
var convSizes = [][2]int{{32, 28}, {64, 28}, {128, 14}, {256, 7}, {64, 64}, {128, 32}, {128, 16}, {128, 8}}

// gemmCase is a matrix product, packing included, in memory that is there: BLAS libraries keep theirs, too.
func gemmCase(m, n, k int, p tensor.Precision) benchCase {
	return benchCase{name: fmt.Sprintf("gemm/%dx%dx%d", m, n, k), batch: 1, work: 2e-9 * float64(m) * float64(n) * float64(k),
		setup: func() func() {
			c := tensor.NewMatMul(m, k, n, p)
			packed := make([]float32, c.PackedLen())
			tasks := append([]tensor.Task{c.Pack(packed, ramp(k*n))}, c.Forward(make([]float32, m*n), ramp(m*k), packed, nil)...)
			return func() { tensor.Run(tasks...) }
		}}
}

// tied3x3 is the 3×3 kernel of C4 and D4: centre, edges, corners, in tree order.
func tied3x3() tensor.Kernel {
	return tensor.Kernel{
		{{0, 0}},
		{{-1, 0}, {1, 0}, {0, -1}, {0, 1}},
		{{-1, -1}, {1, 1}, {-1, 1}, {1, -1}},
	}
}

// convCases are a 3×3 convolution, its input gradient and its weight gradient,
// packing of the weights included. The nominal work is that of the dense one.
func convCases(name string, k tensor.Kernel, c, side int, p tensor.Precision) []benchCase {
	batch := max(1, 8*28*28/(side*side))
	s := tensor.ConvShape{N: batch, H: side, W: side, Cin: c, Cout: c, Precision: p}
	make1 := func(what string, tasks func(conv *tensor.Conv) []tensor.Task) benchCase {
		return benchCase{name: fmt.Sprintf("%s/c%d/%dpx/%s", name, c, side, what), batch: batch,
			work: 2e-9 * float64(batch*side*side) * float64(c*c*9),
			setup: func() func() {
				ts := tasks(tensor.NewConv(s, k))
				return func() { tensor.Run(ts...) }
			}}
	}
	size, weights := batch*side*side*c, len(k)*c*c
	return []benchCase{
		make1("forward", func(conv *tensor.Conv) []tensor.Task {
			packed := make([]float32, conv.PackedLen())
			pack := conv.Pack(packed, ramp(weights))
			return append([]tensor.Task{pack}, conv.Forward(make([]float32, size), ramp(size), packed, nil)...)
		}),
		make1("dx", func(conv *tensor.Conv) []tensor.Task {
			back := conv.Transpose()
			packed := make([]float32, back.PackedLen())
			pack := conv.PackTransposed(packed, ramp(weights))
			return append([]tensor.Task{pack}, back.Forward(make([]float32, size), ramp(size), packed, nil)...)
		}),
		make1("dw", func(conv *tensor.Conv) []tensor.Task {
			return conv.WeightGrad(make([]float32, weights), ramp(size), ramp(size))
		}),
	}
}

// ramp returns n small numbers, none of them denormal.
func ramp(n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(i%13-6) / 8
	}
	return x
}
