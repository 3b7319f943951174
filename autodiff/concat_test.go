package autodiff

import "spdiff/tensor"

func init() {
	addCases(
		opCase{
			name: "concat", covers: []string{"slice"},
			args:  []arg{{shape: tensor.Shape{2, 2, 3}}, {shape: tensor.Shape{2, 2, 1}}, {shape: tensor.Shape{2, 2, 4}}},
			build: func(x []*Node) *Node { return Concat(x...) },
			want: func(x [][]float64) []float64 {
				var z []float64
				for r := range 4 {
					z = append(z, x[0][r*3:r*3+3]...)
					z = append(z, x[1][r])
					z = append(z, x[2][r*4:r*4+4]...)
				}
				return z
			},
		},
		opCase{
			name: "slice", covers: []string{"pad"},
			args:  []arg{{shape: tensor.Shape{3, 7}}},
			build: func(x []*Node) *Node { return Slice(x[0], 2, 6) },
			want: func(x [][]float64) []float64 {
				var z []float64
				for r := range 3 {
					z = append(z, x[0][r*7+2:r*7+6]...)
				}
				return z
			},
		},
		opCase{
			name:  "pad",
			args:  []arg{{shape: tensor.Shape{2, 3}}},
			build: func(x []*Node) *Node { return pad(x[0], 1, 2) },
			want: func(x [][]float64) []float64 {
				a := x[0]
				return []float64{0, a[0], a[1], a[2], 0, 0, 0, a[3], a[4], a[5], 0, 0}
			},
		},
	)
}
