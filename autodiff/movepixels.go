package autodiff

import (
	"fmt"

	"spdiff/asm"
	"spdiff/tensor"
)

// MovePixels moves the pixels of each image by a permutation of its own: x (N, H, W, C) and k (N), whole numbers that name
// permutations of the H·W pixels; pixel p of image i of the result is pixel perms[kᵢ][p] of it. With the permutations of a group
// (group.Group.Permutation) it is its action, an element for each image. It has no derivative by k.
//
// Building it panics with a *ShapeError if the shapes do not fit or a list is no permutation, and a run with an *IndexError if a
// number names none.
func MovePixels(x, k *Node, perms [][]int32) *Node {
	s := x.Shape()
	checkMoves(s, k.Shape(), perms)
	n, c := s[0], s[3]
	length := size(s) / n
	return apply(op{
		name:  "movepixels",
		shape: s,
		bind: func(z []float32, args [][]float32) []tensor.Task {
			x, k := args[0], args[1]
			return perRow(0, n, length, func(i int) {
				asm.Gather(row(z, i, length), row(x, i, length), perms[indexOf("movepixels", k[i], i, len(perms))])
			})
		},
		grad: func(_, dz *Node) []*Node { return []*Node{MovePixels(dz, k, inverses(perms)), nil} },
		expand: func(args []*Node) *Node {
			x, which := Reshape(args[0], n, length/c, c), oneHot(args[1], len(perms))
			z := Zeros(x.Shape()...)
			for a, rows := range perms {
				is := Expand(Reshape(Slice(which, a, a+1), n, 1, 1), x.Shape()...)
				z = Add(z, Mul(Gather(x, rows), is))
			}
			return Reshape(z, s...)
		},
	}, x, k)
}

// checkMoves panics unless perms are permutations of the pixels of images of shape s, one of which a number of shape k names.
func checkMoves(s, k tensor.Shape, perms [][]int32) {
	if len(s) != 4 || !k.Equal(tensor.Shape{s[0]}) {
		panic(&ShapeError{"movepixels", []tensor.Shape{s, k}, "the shapes must be (N, H, W, C) and (N)"})
	}
	pixels := s[1] * s[2]
	for i, rows := range perms {
		seen := make([]bool, pixels)
		ok := len(rows) == pixels
		for _, p := range rows {
			ok = ok && p >= 0 && int(p) < pixels && !seen[p]
			if ok {
				seen[p] = true
			}
		}
		if !ok {
			panic(&ShapeError{"movepixels", []tensor.Shape{s}, fmt.Sprintf("list %d is no permutation of %d pixels", i, pixels)})
		}
	}
}

// inverses returns the inverse of each permutation.
func inverses(perms [][]int32) [][]int32 {
	all := make([][]int32, len(perms))
	for i, rows := range perms {
		all[i] = make([]int32, len(rows))
		for to, from := range rows {
			all[i][from] = int32(to)
		}
	}
	return all
}
