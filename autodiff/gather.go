package autodiff

import (
	"fmt"
	"slices"

	"spdiff/tensor"
)

// Gather returns rows of the matrices x, (…, R, C) to (…, len(rows), C): row i of each is row rows[i] of that of x. Its
// gradient adds to each row of x what its places give. It panics with a *ShapeError if x has fewer than two axes, or there is no
// such row.
func Gather(x *Node, rows []int32) *Node {
	batch, r, c := matrixShape("gather", x)
	if len(rows) == 0 || slices.Min(rows) < 0 || int(slices.Max(rows)) >= r {
		panic(&ShapeError{"gather", []tensor.Shape{x.Shape()}, fmt.Sprintf("rows %v are not all among %d, or there are none", rows, r)})
	}
	rows = slices.Clone(rows)
	n := len(rows)
	return apply(op{
		name:  "gather",
		shape: append(batch, n, c),
		attrs: attributes{"rows": rows},
		bind: func(z []float32, a [][]float32) []tensor.Task {
			return perRow(0, size(batch)*n, c, func(i int) {
				copy(row(z, i, c), row(a[0], i/n*r+int(rows[i%n]), c))
			})
		},
		grad: func(_, dz *Node) []*Node { return []*Node{sumOfRows(dz, placesIn(rows, r))} },
	}, x)
}

// placesIn returns for each of n rows the places where it is taken.
func placesIn(rows []int32, n int) rowTable {
	places := make([][]int32, n)
	for i, r := range rows {
		places[r] = append(places[r], int32(i))
	}
	return newRowTable(places)
}

// gatherOrZero is Gather with rows of zeros where a number is below 0.
func gatherOrZero(x *Node, rows []int32) *Node {
	if slices.Min(rows) >= 0 {
		return Gather(x, rows)
	}
	mask := tensor.New(len(rows), 1)
	rows = slices.Clone(rows)
	for i, r := range rows {
		if rows[i] = max(r, 0); r >= 0 {
			mask.Data()[i] = 1
		}
	}
	z := Gather(x, rows)
	return Mul(z, Expand(Constant(mask), z.Shape()...))
}

// sumOfRows sums the rows of x, (…, R, C), that the table lists.
func sumOfRows(x *Node, t rowTable) *Node {
	batch, _, c := matrixShape("gather", x)
	n := len(t.rows) / t.n
	z := Reshape(gatherOrZero(x, t.rows), slices.Concat(batch, []int{n, t.n, c})...)
	return Reshape(SumTo(z, slices.Concat(batch, []int{n, 1, c})...), slices.Concat(batch, []int{n, c})...)
}

// oneHot returns (N, k), in row i a one at place index[i] and zeros elsewhere, for whole numbers index (N).
func oneHot(index *Node, k int) *Node {
	n := index.Shape()[0]
	places := tensor.New(k)
	for i := range k {
		places.Data()[i] = float32(i)
	}
	off := Sub(Expand(Reshape(index, n, 1), n, k), Expand(Constant(places), n, k))
	return Shift(Neg(Clamp(Abs(off), 0, 1)), 1)
}
