package group_test

import (
	"fmt"
	"math"

	"spdiff/group"
)

// The reduction tree of D4, and the orbits of a 3×3 kernel: corners, edges, centre.
func ExampleGroup_Taps() {
	g, err := group.Parse("d4")
	if err != nil {
		panic(err)
	}
	for _, a := range g.Tree() {
		fmt.Print(" ", g.ElementName(a))
	}
	fmt.Println()
	for _, orbit := range g.Taps(3, 3) {
		fmt.Println(orbit)
	}
	// Output:
	//  e r2 r r3 s sr2 sr sr3
	// [[-1 -1] [1 1] [1 -1] [-1 1]]
	// [[-1 0] [1 0] [0 -1] [0 1]]
	// [[0 0]]
}

// The mean of an image is invariant in exact arithmetic, but not in float32 in raster order.
func ExampleCheck() {
	const h, w = 5, 5
	x := make([]float32, h*w)
	for i := range x {
		x[i] = float32(math.Sin(float64(i * i)))
	}
	raster := func(z, x []float32) {
		z[0] = 0
		for _, v := range x {
			z[0] += v
		}
	}
	byOrbit := func(z, x []float32) {
		z[0] = 0
		for _, o := range group.C4.Pixels(h, w) {
			if len(o) == 4 {
				z[0] += (x[o[0]] + x[o[1]]) + (x[o[2]] + x[o[3]])
			} else {
				z[0] += x[o[0]]
			}
		}
	}
	in, out := group.Images{N: 1, H: h, W: w, C: 1}, group.Images{N: 1, H: 1, W: 1, C: 1}
	fmt.Println("raster order:", group.Check(group.C4, raster, x, in, out).Exact)
	fmt.Println("by orbit:    ", group.Check(group.C4, byOrbit, x, in, out).Exact)
	// Output:
	// raster order: false
	// by orbit:     true
}
