package autodiff

import "spdiff/tensor"

// corners, edges and centre of a 3×3 kernel under the quarter turns.
var tied3x3 = tensor.Kernel{
	{{-1, -1}, {1, 1}, {1, -1}, {-1, 1}},
	{{-1, 0}, {1, 0}, {0, -1}, {0, 1}},
	{{0, 0}},
}

// slowConv is a convolution in float64, z = bias + x∗w.
func slowConv(n, h, w, cin, cout int, k tensor.Kernel) func(x [][]float64) []float64 {
	return func(a [][]float64) []float64 {
		z := make([]float64, n*h*w*cout)
		for i := range z {
			img, y, x, o := i/cout/(h*w), i/cout/w%h, i/cout%w, i%cout
			if len(a) > 2 {
				z[i] = a[2][o]
			}
			for t, orbit := range k {
				for _, tap := range orbit {
					yy, xx := y+tap[0], x+tap[1]
					if yy < 0 || yy >= h || xx < 0 || xx >= w {
						continue
					}
					for c := range cin {
						z[i] += a[0][((img*h+yy)*w+xx)*cin+c] * a[1][(t*cin+c)*cout+o]
					}
				}
			}
		}
		return z
	}
}

func convCase(name string, k tensor.Kernel, bias bool) opCase {
	const n, h, w, cin, cout = 2, 4, 3, 2, 3
	c := opCase{
		name: name, covers: []string{"product", "product.dx", "product.dw", "product.pack", "product.packT"},
		args:  []arg{{shape: tensor.Shape{n, h, w, cin}}, {shape: tensor.Shape{len(k), cin, cout}}},
		build: func(x []*Node) *Node { return Conv(x[0], x[1], nil, k) },
		want:  slowConv(n, h, w, cin, cout, k),
		tol:   1e-5,
	}
	if bias {
		c.args = append(c.args, arg{shape: tensor.Shape{cout}})
		c.build = func(x []*Node) *Node { return Conv(x[0], x[1], x[2], k) }
	}
	return c
}

func init() {
	addCases(
		convCase("product/dense", tensor.Dense(3, 3), true),
		convCase("product/tied", tied3x3, false),
		opCase{
			name:  "product/linear",
			args:  []arg{{shape: tensor.Shape{2, 3, 4}}, {shape: tensor.Shape{4, 5}}, {shape: tensor.Shape{5}}},
			build: func(x []*Node) *Node { return Linear(x[0], x[1], x[2]) },
			want:  slowConv(1, 1, 6, 4, 5, tensor.Dense(1, 1)),
			tol:   1e-5,
		},
		opCase{
			name:  "meanpool2",
			args:  []arg{{shape: tensor.Shape{2, 4, 6, 3}}},
			build: func(x []*Node) *Node { return MeanPool2(x[0]) },
			want: func(x [][]float64) []float64 {
				z := make([]float64, 2*2*3*3)
				for i, v := range x[0] {
					img, y, xx, c := i/(4*6*3), i/(6*3)%4, i/3%6, i%3
					z[((img*2+y/2)*3+xx/2)*3+c] += v / 4
				}
				return z
			},
		},
		opCase{
			name:  "upsample2",
			args:  []arg{{shape: tensor.Shape{2, 2, 3, 3}}},
			build: func(x []*Node) *Node { return Upsample2(x[0]) },
			want: func(x [][]float64) []float64 {
				z := make([]float64, 2*4*6*3)
				for i := range z {
					img, y, xx, c := i/(4*6*3), i/(6*3)%4, i/3%6, i%3
					z[i] = x[0][((img*2+y/2)*3+xx/2)*3+c]
				}
				return z
			},
		},
		opCase{
			name: "embedding", covers: []string{"embedding.grad"},
			args:  []arg{{shape: tensor.Shape{4}, data: []float32{2, 0, 2, 1}, fixed: true}, {shape: tensor.Shape{3, 5}}},
			build: func(x []*Node) *Node { return Embedding(x[0], x[1]) },
			want: func(x [][]float64) (z []float64) {
				for _, k := range []int{2, 0, 2, 1} {
					z = append(z, x[1][5*k:5*k+5]...)
				}
				return z
			},
		},
		opCase{
			name:  "dropout.mask",
			args:  []arg{{shape: tensor.Shape{2, 300}}, {shape: tensor.Shape{2, 2}, data: []float32{5, 0, 7, 1}, fixed: true}},
			build: func(x []*Node) *Node { return Dropout(x[0], x[1], 3, 0.25) },
			want: func(x [][]float64) []float64 {
				z := make([]float64, 600)
				for img, stream := range []uint64{5, 7 + 1<<24} {
					u := make([]float32, 300)
					tensor.NewStream(3, stream).Uniform(u, 0)
					for i, v := range u {
						if v >= 0.25 {
							z[300*img+i] = x[0][300*img+i] * float64(float32(1/0.75))
						}
					}
				}
				return z
			},
		},
	)
}
