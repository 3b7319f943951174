package tensor

import "fmt"

// A ConvShape is the sizes of a convolution: N images of H×W pixels and Cin channels in, N of OutH×OutW and Cout out. Pixel p of the
// output reads the input at (Stride·p + t)/Up, for each tap t, where that is a pixel. In OutH and OutW zero stands for H and W, in
// Stride and Up for 1; one of these two must be 1. Up spreads the input out, as the transpose of a convolution with a stride does.
// Precision is that of the products, the gradients' too.
type ConvShape struct {
	N, H, W, Cin, Cout int
	OutH, OutW         int
	Stride, Up         int
	Precision          Precision
}

// A Padding is how many rows and columns of zeros are thought around an image.
type Padding struct{ Top, Left, Bottom, Right int }

// Window returns the shape and the kernel of a convolution as others describe it: of kh×kw weights in raster order, the first of
// which is at the upper left corner of the padded image for output pixel (0, 0); the next output pixels are stride pixels on.
// Its output is ⌊(H + Top + Bottom − kh)/stride⌋ + 1 rows high, and as wide likewise. NewConv(s.Window(3, 3, 2, Padding{})) is a
// valid convolution. It panics with a *ConvError if the padded image is smaller than the kernel, or a number is no size.
func (s ConvShape) Window(kh, kw, stride int, pad Padding) (ConvShape, Kernel) {
	h, w := s.H+pad.Top+pad.Bottom-kh, s.W+pad.Left+pad.Right-kw
	if min(kh, kw, stride) < 1 || min(h, w, pad.Top, pad.Left, pad.Bottom, pad.Right) < 0 {
		s.fail("no %d×%d kernel with stride %d and padding %+v", kh, kw, stride, pad)
	}
	s.OutH, s.OutW, s.Stride = h/stride+1, w/stride+1, stride
	k := Dense(kh, kw)
	for _, orbit := range k {
		orbit[0][0] += (kh-1)/2 - pad.Top
		orbit[0][1] += (kw-1)/2 - pad.Left
	}
	return s, k
}

// filled returns the sizes with what zeros stand for, and panics with a *ConvError if they are not sizes, or there is no such precision.
func (s ConvShape) filled() ConvShape {
	for _, f := range []struct {
		size     *int
		standard int
	}{{&s.OutH, s.H}, {&s.OutW, s.W}, {&s.Stride, 1}, {&s.Up, 1}} {
		if *f.size == 0 {
			*f.size = f.standard
		}
	}
	if min(s.N, s.H, s.W, s.Cin, s.Cout) < 1 || min(s.OutH, s.OutW, s.Stride, s.Up) < 1 {
		s.fail("every size must be positive")
	}
	if min(s.Stride, s.Up) > 1 {
		s.fail("a stride of %d and the input spread out by %d are too much at once", s.Stride, s.Up)
	}
	if err := s.Precision.Check(); err != nil {
		s.fail("%v", err)
	}
	return s
}

// precision returns the precision of a product of so many channels: see [Precision.Of]. It is Float32 if the output does not have the
// input's pixels.
func (s *ConvShape) precision(depth int) Precision {
	if !s.plain() {
		return Float32
	}
	return s.Precision.Of(depth)
}

// plain reports whether the output has the input's pixels.
func (s *ConvShape) plain() bool {
	return s.OutH == s.H && s.OutW == s.W && s.Stride == 1 && s.Up == 1
}

// transposed returns the sizes of the input gradient's convolution.
func (s ConvShape) transposed() ConvShape {
	return ConvShape{s.N, s.OutH, s.OutW, s.Cout, s.Cin, s.H, s.W, s.Up, s.Stride, s.Precision}
}

// pixels is the number of pixels of all images, of the input; outPixels that of the output.
func (s *ConvShape) pixels() int    { return s.N * s.H * s.W }
func (s *ConvShape) outPixels() int { return s.N * s.OutH * s.OutW }

// check panics unless a slice has the length that the shape wants.
func (s *ConvShape) check(name string, data []float32, want int) {
	if len(data) != want {
		s.fail("%s has %d numbers, not %d", name, len(data), want)
	}
}

func (s *ConvShape) checkInOut(z, x []float32) {
	s.check("z", z, s.outPixels()*s.Cout)
	s.check("x", x, s.pixels()*s.Cin)
}

func (s *ConvShape) fail(format string, a ...any) {
	panic(&ConvError{*s, fmt.Sprintf(format, a...)})
}

// A ConvError reports a convolution that cannot be, or slices that do not fit it. The methods of Conv panic with it.
type ConvError struct {
	Shape  ConvShape
	Reason string
}

// Error gives the shape of the convolution and the reason.
func (e *ConvError) Error() string {
	s := e.Shape
	return fmt.Sprintf("tensor: convolution of %d×%d×%d×%d to %d channels: %s", s.N, s.H, s.W, s.Cin, s.Cout, e.Reason)
}
