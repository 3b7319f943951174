package autodiff

import (
	"errors"
	"testing"

	"spdiff/group"
	"spdiff/tensor"
)

func c4Moves(h, w int) (perms [][]int32) {
	for a := range group.C4.Order() {
		perms = append(perms, group.C4.Permutation(a, h, w))
	}
	return perms
}

func init() {
	perms, k := c4Moves(3, 3), []float32{3, 0, 1}
	addCases(opCase{
		name:  "movepixels",
		args:  []arg{{shape: tensor.Shape{3, 3, 3, 2}}, {shape: tensor.Shape{3}, data: k, fixed: true}},
		build: func(x []*Node) *Node { return MovePixels(x[0], x[1], perms) },
		want: func(x [][]float64) []float64 {
			z := make([]float64, len(x[0]))
			for i := range z {
				image, p, c := i/18, i/2%9, i%2
				z[i] = x[0][image*18+int(perms[int(k[image])][p])*2+c]
			}
			return z
		},
	})
}

// It is the action of the group, image by image, to the bit, also of −0.
func TestMovePixelsIsTheAction(t *testing.T) {
	const n = 4
	x := normalNoise(n*5*5*2, 1)
	x[3] = float32(-1) * 0
	in, k := Input("x", n, 5, 5, 2), Input("k", n)
	z := MovePixels(in, k, c4Moves(5, 5))
	w := Compile(z).NewWorkspace()
	w.Prepare()
	copy(w.Input(in), x)
	want := make([]float32, len(x))
	for i := range n {
		w.Input(k)[i] = float32(i)
		group.C4.Act(want[i*50:(i+1)*50], x[i*50:(i+1)*50], i, 1, 5, 5, 2)
	}
	w.Run()
	if !sameBits(w.Output(z), want) {
		t.Error("it is not the action of the group")
	}
}

func TestMovePixelsErrors(t *testing.T) {
	x, k := Input("x", 2, 3, 3, 1), Input("k", 2)
	wantShapeError(t, func() { MovePixels(x, Input("k", 3), c4Moves(3, 3)) }, "autodiff: movepixels of 2×3×3×1 and 3: the shapes must be (N, H, W, C) and (N)")
	wantShapeError(t, func() { MovePixels(x, k, [][]int32{{0, 1, 2, 3, 4, 5, 6, 7, 7}}) }, "autodiff: movepixels of 2×3×3×1: list 0 is no permutation of 9 pixels")
	w := Compile(MovePixels(x, k, c4Moves(3, 3))).NewWorkspace()
	w.Prepare()
	w.Input(k)[1] = 4
	defer func() {
		err, _ := recover().(error)
		if got := (*IndexError)(nil); !errors.As(err, &got) || got.Image != 1 {
			t.Errorf("panic with %v, want an *IndexError of image 1", err)
		}
	}()
	w.Run()
}
