package autodiff

import (
	"errors"
	"testing"

	"spdiff/tensor"
)

// wantShapeError fails unless build panics with a *ShapeError of this message.
func wantShapeError(t *testing.T, build func(), message string) {
	t.Helper()
	defer func() {
		t.Helper()
		err, _ := recover().(error)
		var shape *ShapeError
		if !errors.As(err, &shape) || err.Error() != message {
			t.Errorf("panic with\n  %v, want\n  %s", err, message)
		}
	}()
	build()
}

func TestShapeErrors(t *testing.T) {
	s := Input("s")
	x := Input("x", 2, 3)
	y := Input("y", 3, 2)
	image := Input("image", 1, 2, 2, 4)
	for _, c := range []struct {
		build   func()
		message string
	}{
		{func() { Input("bad", 2, 0) }, "autodiff: input of 2×0: every dimension must be positive"},
		{func() { Add(x, y) }, "autodiff: add of 2×3 and 3×2: the shapes must be equal; Expand broadcasts"},
		{func() { Grad(x, y) }, "autodiff: grad of 2×3: a gradient is of a scalar; VJP takes any shape"},
		{func() { VJP(x, y, x) }, "autodiff: grad of 2×3 and 3×2: the shapes must be equal; Expand broadcasts"},
		{func() { Reshape(x, 7) }, "autodiff: reshape of 2×3 and 7: the sizes must be equal"},
		{func() { Reshape(x, -2, -3) }, "autodiff: reshape of -2×-3: every dimension must be positive"},
		{func() { Expand(x, 2, 6) }, "autodiff: expand of 2×3 and 2×6: the first shape does not broadcast to the second"},
		{func() { Expand(x, 3) }, "autodiff: expand of 2×3 and 3: the first shape does not broadcast to the second"},
		{func() { Expand(s, 0) }, "autodiff: expand of 0: every dimension must be positive"},
		{func() { SumTo(x, 2) }, "autodiff: sumto of 2 and 2×3: the first shape does not broadcast to the second"},
		{func() { Softmax(s) }, "autodiff: softmax of scalar: 1 or more dimensions are needed"},
		{func() { Transpose(s) }, "autodiff: transpose of scalar: 2 or more dimensions are needed"},
		{func() { BatchMatMul(x, x) }, "autodiff: batchmatmul of 2×3 and 2×3: the shapes must be (…, m, k) and (…, k, n)"},
		{func() { Concat(x, y) }, "autodiff: concat of 2×3 and 3×2: all axes but the last must be equal"},
		{func() { Concat(s, s) }, "autodiff: concat of scalar and scalar: all axes but the last must be equal"},
		{func() { Concat() }, "autodiff: concat of nothing: at least one tensor is needed"},
		{func() { Slice(x, 2, 4) }, "autodiff: slice of 2×3: elements 2 to 4 are not in a row of 3"},
		{func() { Slice(x, 1, 1) }, "autodiff: slice of 2×3: elements 1 to 1 are not in a row of 3"},
		{func() { SumPixels(x, turns) }, "autodiff: sumpixels of 2×3: the shape must be (N, H, W, C)"},
		{func() { SumPixels(image, [][]int32{{0, 1, 2}, {3}}) }, "autodiff: sumpixels of 1×2×2×4: orbit 0 has 3 pixels, not 1, 2, 4 or 8"},
		{func() { SumPixels(image, [][]int32{{0, 1}, {1, 2}}) }, "autodiff: sumpixels of 1×2×2×4: orbit 1: pixel 1 is listed twice"},
		{func() { SumPixels(image, [][]int32{{0, 4}}) }, "autodiff: sumpixels of 1×2×2×4: orbit 0: pixel 4 is outside an image of 4"},
		{func() { SumPixels(image, [][]int32{{0, 1}}) }, "autodiff: sumpixels of 1×2×2×4: the orbits hold 2 of the 4 pixels"},
		{func() { BroadcastPixels(image, 2, 2, nil) }, "autodiff: broadcastpixels of 1×2×2×4: the shape must be (N, C)"},
		{func() { BroadcastPixels(x, -3, 3, turns) }, "autodiff: broadcastpixels of 2×-3×3×3: every dimension must be positive"},
		{func() { BroadcastPixels(x, -3, -3, turns) }, "autodiff: broadcastpixels of 2×-3×-3×3: every dimension must be positive"},
		{func() { BroadcastPixels(x, 0, 3, nil) }, "autodiff: broadcastpixels of 2×0×3×3: every dimension must be positive"},
	} {
		wantShapeError(t, c.build, c.message)
	}
}

// A scalar tensor has the empty shape.
func TestScalarShape(t *testing.T) {
	if n := size(tensor.New().Shape()); n != 1 {
		t.Errorf("a scalar has %d elements", n)
	}
}
