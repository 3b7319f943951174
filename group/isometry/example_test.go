package isometry_test

import (
	"fmt"

	"spdiff/group/isometry"
)

// The symmetries of an equilateral triangle from two mirrors, and a turn that is none.
func ExampleGenerate() {
	third := isometry.Rotation(1, 3)
	mirror := isometry.Matrix{{1, 0}, {0, -1}}
	g, err := isometry.Generate(2, third, mirror)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(g, "in classes", g.ConjugacyClasses())
	for a := range g.Order() {
		fmt.Print(" ", g.Word(a), " of order ", g.ElementOrder(a), ";")
	}
	fmt.Println()

	_, err = isometry.Generate(2, mirror, isometry.Matrix{{0.6, -0.8}, {0.8, 0.6}})
	fmt.Println(err)
	// Output:
	// 6 isometries of ℝ^2 in classes [[0] [1 3] [2 4 5]]
	//  [] of order 1; [0] of order 3; [1] of order 2; [0 0] of order 3; [1 0] of order 2; [0 1] of order 2;
	// isometry: generator 1: its power 2690 differs from the identity, by 0.00061, but less than in any group of up to 5040 elements: its angle is no such fraction of a turn, or its entries are not accurate
}

// A sum over a group keeps its bits when an element moves the terms, with a chain of subgroups of index 2 and without.
func ExampleGroup_Sum() {
	for _, g := range []*isometry.Group{isometry.Cyclic(4), isometry.Cyclic(6)} {
		v, moved := make([][]float32, g.Order()), make([][]float32, g.Order())
		for a := range v {
			v[a] = []float32{1 / float32(3*a+1), 1e7}
		}
		for a := range v {
			moved[g.Mul(1, a)] = v[a]
		}
		sum, again := make([]float32, 2), make([]float32, 2)
		g.Sum(sum, v)
		g.Sum(again, moved)
		fmt.Println(len(g.Chain()), g.Tree(), sum[0] == again[0] && sum[1] == again[1])
	}
	// Output:
	// 3 [0 2 1 3] true
	// 0 [] true
}

// A field with a scalar and a channel for each element: how a quarter turn moves the channels.
func ExampleDirectSum() {
	g := isometry.Cyclic(4)
	channels := isometry.DirectSum(g.Trivial(), g.Regular())
	z := make([]float32, channels.Dim())
	channels.Act(z, []float32{7, 10, 11, 12, 13}, 1)
	fmt.Println(z)
	// Output: [7 13 10 11 12]
}

// The mirrors of D4 are no normal subgroup: their left cosets are not their right ones.
func ExampleGroup_Subgroup() {
	g := isometry.Dihedral(4)
	s := g.Subgroup(4)
	fmt.Println(s.Elements(), s.Normal())
	fmt.Println(s.LeftCosets())
	fmt.Println(s.RightCosets())
	fmt.Println("the centre:", g.Centre().Elements())
	// Output:
	// [0 4] false
	// [[0 4] [1 7] [2 6] [3 5]]
	// [[0 4] [1 5] [2 6] [3 7]]
	// the centre: [0 2]
}
