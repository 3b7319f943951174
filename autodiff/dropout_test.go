package autodiff

import (
	"errors"
	"math"
	"slices"
	"testing"

	"spdiff/tensor"
)

// keys of two images, and the streams that they name.
var (
	dropKeys    = []float32{5, 0, 7, 1}
	dropStreams = []uint64{5, 7 + 1<<24}
)

func init() {
	addCases(
		dropoutCase("dropout/short", 0.25, 3, 7),
		dropoutCase("dropout/long", 0.9, 300),
	)
	large := dropoutCase("dropout/chunks", 0.1, 3, chunk+5)
	large.order = -1
	addCases(large)
}

// dropoutCase is of two images of some shape.
func dropoutCase(name string, rate float64, shape ...int) opCase {
	const salt = 3
	n := size(shape)
	return opCase{
		name: name, covers: []string{"dropout.mask"},
		args:  []arg{{shape: append(tensor.Shape{2}, shape...)}, {shape: tensor.Shape{2, 2}, data: dropKeys, fixed: true}},
		build: func(x []*Node) *Node { return Dropout(x[0], x[1], salt, rate) },
		want: func(x [][]float64) (z []float64) {
			below := uint32(math.Round(rate * 65536))
			for i, stream := range dropStreams {
				u := make([]uint32, (n+1)/2)
				tensor.NewStream(salt, stream).Uint32(u, 0)
				for j, v := range x[0][i*n : (i+1)*n] {
					if u[j/2]>>(16*(j%2))&0xffff < below {
						v = 0
					}
					z = append(z, v*65536/float64(65536-below))
				}
			}
			return z
		},
	}
}

// The share of what is dropped is the rate, each number's chance is its own, and
// the mean stays.
func TestDropoutRate(t *testing.T) {
	const n, rate = 1 << 16, 0.3
	x, key := Input("x", 2, n), Input("key", 2, 2)
	z, other := Dropout(x, key, 1, rate), Dropout(x, key, 2, rate)
	w := Compile(z, other).NewWorkspace()
	for i := range w.Input(x) {
		w.Input(x)[i] = 1
	}
	copy(w.Input(key), dropKeys)
	w.Run()
	rows := [][]float32{w.Output(z)[:n], w.Output(z)[n:], w.Output(other)[:n]}
	for i, a := range rows {
		if share := dropped(a); math.Abs(share-rate) > 4*math.Sqrt(rate*(1-rate)/n) {
			t.Errorf("row %d: a share of %v is dropped, want %v", i, share, rate)
		}
		if v := slices.Max(a); math.Abs(float64(v)-1/(1-rate)) > 1e-4 {
			t.Errorf("row %d: what is kept becomes %v, want %v", i, v, 1/(1-rate))
		}
		// Another key, another salt, or the next number: independent.
		for _, b := range [][]float32{rows[(i+1)%3], append(slices.Clone(a[1:]), a[0])} {
			both := 0.0
			for j := range a {
				if a[j] == 0 && b[j] == 0 {
					both++
				}
			}
			if both /= n; math.Abs(both-rate*rate) > 4*math.Sqrt(rate*rate*(1-rate*rate)/n) {
				t.Errorf("row %d: a share of %v is dropped together with another, want %v", i, both, rate*rate)
			}
		}
	}
}

func dropped(x []float32) (share float64) {
	for _, v := range x {
		if v == 0 {
			share++
		}
	}
	return share / float64(len(x))
}

func TestDropoutOfRateZero(t *testing.T) {
	x := Input("x", 2, 3)
	if z := Dropout(x, Input("key", 2, 2), 1, 0); z != x {
		t.Errorf("dropout of rate 0 is an operation, %s", z.op.name)
	}
}

// The gradient goes through the mask of the value, which is drawn once.
func TestDropoutDrawsOnce(t *testing.T) {
	x := Input("x", 2, 40)
	z := Dropout(x, Input("key", 2, 2), 1, 0.5)
	got := opNamesOf(Compile(z, VJP(z, Input("dz", 2, 40), x)[0]))
	if want := []string{"dropout.mask", "dropout", "dropout"}; !slices.Equal(got, want) {
		t.Errorf("operations %v, want %v", got, want)
	}
}

func TestDropoutOfABadKey(t *testing.T) {
	x, key := Input("x", 2, 40), Input("key", 2, 2)
	w := Compile(Dropout(x, key, 1, 0.5)).NewWorkspace()
	for _, bad := range []float32{-1, 0.5, 1 << 24, nan, float32(math.Inf(1))} {
		func() {
			defer func() {
				err, _ := recover().(error)
				var got *KeyError
				if !errors.As(err, &got) || got.Image != 1 {
					t.Errorf("key %v: panic with %v, want a *KeyError of image 1", bad, err)
				}
			}()
			w.Input(key)[3] = bad
			w.Run()
		}()
	}
}

func TestDropoutErrors(t *testing.T) {
	x, key := Input("x", 2, 3), Input("key", 2, 2)
	const must = "the shapes must be (N, …) and (N, 2), and the rate "
	wantShapeError(t, func() { Dropout(Input("x", 2), key, 1, 0.5) }, "autodiff: dropout of 2 and 2×2: "+must+"0.5 in [0, 1)")
	wantShapeError(t, func() { Dropout(x, Input("key", 3, 2), 1, 0.5) }, "autodiff: dropout of 2×3 and 3×2: "+must+"0.5 in [0, 1)")
	wantShapeError(t, func() { Dropout(x, Input("key", 2), 1, 0.5) }, "autodiff: dropout of 2×3 and 2: "+must+"0.5 in [0, 1)")
	wantShapeError(t, func() { Dropout(x, key, 1, 1) }, "autodiff: dropout of 2×3 and 2×2: "+must+"1 in [0, 1)")
	wantShapeError(t, func() { Dropout(x, key, 1, math.NaN()) }, "autodiff: dropout of 2×3 and 2×2: "+must+"NaN in [0, 1)")
}
