package autodiff

import (
	"testing"

	"spdiff/asm"
	"spdiff/tensor"
)

// broadcastIndex maps an element of big to the one of small that it is a copy
// of, both in row-major order.
func broadcastIndex(i int, small, big tensor.Shape) int {
	at, stride := 0, 1
	for d := len(big) - 1; d >= 0; d-- {
		index := i % big[d]
		i /= big[d]
		if s := d - (len(big) - len(small)); s >= 0 {
			if small[s] > 1 {
				at += index * stride
			}
			stride *= small[s]
		}
	}
	return at
}

var broadcasts = []struct {
	name       string
	small, big tensor.Shape
}{
	{"scalar", nil, tensor.Shape{2, 3}},
	{"vector", nil, tensor.Shape{5}},
	{"channels", tensor.Shape{3}, tensor.Shape{2, 2, 2, 3}},
	{"image channels", tensor.Shape{2, 1, 1, 3}, tensor.Shape{2, 3, 2, 3}},
	{"rows", tensor.Shape{2, 3, 1}, tensor.Shape{2, 3, 4}},
	{"middle", tensor.Shape{2, 1, 3}, tensor.Shape{2, 4, 3}},
	{"alternating", tensor.Shape{1, 2, 1, 3}, tensor.Shape{2, 2, 3, 3}},
	{"alternating, kept first", tensor.Shape{2, 1, 2, 1}, tensor.Shape{2, 3, 2, 3}},
	{"one image", tensor.Shape{1, 1, 1, 3}, tensor.Shape{1, 2, 2, 3}},
	{"new axis of one", tensor.Shape{3}, tensor.Shape{1, 3}},
	{"everything to ones", tensor.Shape{1, 1}, tensor.Shape{3, 4}},
}

func init() {
	for _, b := range broadcasts {
		addCases(opCase{
			name: "expand/" + b.name, covers: []string{"sumto"},
			args:  []arg{{shape: b.small}},
			build: func(x []*Node) *Node { return Expand(x[0], b.big...) },
			want: func(x [][]float64) []float64 {
				z := make([]float64, size(b.big))
				for i := range z {
					z[i] = x[0][broadcastIndex(i, b.small, b.big)]
				}
				return z
			},
		}, opCase{
			name: "sumto/" + b.name, covers: []string{"expand"},
			args:  []arg{{shape: b.big}},
			build: func(x []*Node) *Node { return SumTo(x[0], b.small...) },
			want: func(x [][]float64) []float64 {
				z := make([]float64, size(b.small))
				for i, v := range x[0] {
					z[broadcastIndex(i, b.small, b.big)] += v
				}
				return z
			},
		})
	}
	addCases(
		opCase{
			name:  "sumto/mean",
			args:  []arg{{shape: tensor.Shape{3, 2, 2}}},
			build: func(x []*Node) *Node { return Mean(x[0]) },
			want: func(x [][]float64) []float64 {
				sum := 0.0
				for _, v := range x[0] {
					sum += v
				}
				return []float64{sum / 12}
			},
		},
		opCase{
			name:  "sumto/mse",
			args:  []arg{{shape: tensor.Shape{3, 4}}, {shape: tensor.Shape{3, 4}}},
			build: func(x []*Node) *Node { return MSE(x[0], x[1]) },
			want: func(x [][]float64) []float64 {
				sum := 0.0
				for i, v := range x[0] {
					sum += (v - x[1][i]) * (v - x[1][i])
				}
				return []float64{sum / 12}
			},
		},
	)
}

// An image's own sums must not depend on its batch, and a sum over the batch
// must be that of these sums, ascending. The numbers are such that any other
// order rounds differently.
func TestSumToOrder(t *testing.T) {
	const n, pixels, channels = 5, 300, 7
	data := noise(n*pixels*channels, 3)
	sums := func(x []float32, shape ...int) []float32 {
		in := Input("x", len(x)/(pixels*channels), pixels, channels)
		return evalOne(SumTo(in, shape...), in, x)
	}
	perImage := sums(data, n, 1, channels)
	for i := range n {
		alone := sums(data[i*pixels*channels:(i+1)*pixels*channels], 1, 1, channels)
		if !sameBits(alone, perImage[i*channels:(i+1)*channels]) {
			t.Errorf("image %d: its sum depends on its batch", i)
		}
	}
	want := make([]float32, channels)
	for i, v := range perImage {
		want[i%channels] += v
	}
	if got := sums(data, channels); !sameBits(got, want) {
		t.Errorf("the sum over the batch is %v, want that of the images in order, %v", got, want)
	}
	vector := Input("x", len(data))
	if got, want := evalOne(Sum(vector), vector, data)[0], asm.Sum(data); got != want {
		t.Errorf("the sum of a vector is %v, want asm.Sum's %v", got, want)
	}
}

// noise returns n numbers of very different sizes.
func noise(n int, seed uint64) []float32 {
	x := make([]float32, n)
	for i := range x {
		seed = seed*6364136223846793005 + 1442695040888963407
		x[i] = (float32(seed>>40)/(1<<24) - 0.5) * float32(int(1)<<(seed>>33%12))
	}
	return x
}

// evalOne runs y with the input set to data and returns its value.
func evalOne(y, in *Node, data []float32) []float32 {
	w := Compile(y).NewWorkspace()
	copy(w.Input(in), data)
	w.Prepare()
	w.Run()
	return w.Output(y)
}
