package tensor

// NewMatMul plans the matrix product z = x·w, z (m, n), x (m, k), w (k, n): a 1×1 convolution of one image of one row, in
// which a row of x is a pixel. Each element of z is one chain of fused multiply-adds, k ascending, or what bf16 has for it. It panics
// with a *ConvError if m, k or n is not positive, or there is no such precision.
func NewMatMul(m, k, n int, p Precision) *Conv {
	return NewConv(ConvShape{N: 1, H: 1, W: m, Cin: k, Cout: n, Precision: p}, Dense(1, 1))
}

// MatMul computes z = x·w at once, z (m, n), x (m, k), w (k, n). Whoever computes many of one shape is better off with
// NewMatMul, whose work needs no new memory each time. It panics with a *ConvError if m, k or n is not positive, or z, x or w is not
// of its size.
func MatMul(z, x, w []float32, m, k, n int) {
	c := NewMatMul(m, k, n, Float32)
	packed := make([]float32, c.PackedLen())
	Run(c.Pack(packed, w))
	Run(c.Forward(z, x, packed, nil)...)
}
