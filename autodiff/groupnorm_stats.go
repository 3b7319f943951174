package autodiff

import (
	"slices"

	"spdiff/asm"
	"spdiff/tensor"
)

// cutOrbits cuts orbits into n blocks, or as many as there are orbits.
func cutOrbits(orbits [][]int32, n int) [][]orbitRun {
	n = min(n, len(orbits))
	blocks := make([][]orbitRun, n)
	for b := range blocks {
		blocks[b] = orbitRuns(orbits[evenAt(len(orbits), b, n):evenAt(len(orbits), b+1, n)])
	}
	return blocks
}

// stats returns (N, 2C): for each channel the mean μ of its group, and 1/√(var + ε).
func (g *groupNorm) stats(x *Node) *Node {
	return apply(op{
		name:    "groupnorm.stats",
		shape:   tensor.Shape{g.n, 2 * g.c},
		flops:   4 * int64(g.n*g.h*g.w*g.c),
		images:  g.images(),
		scratch: g.n * len(g.blocks) * g.c,
		bind: func(z []float32, a [][]float32) []tensor.Task {
			x, parts := a[0], a[1]
			return g.statsTasks(z, x, parts)
		},
		grad: func(_, _ *Node) []*Node { return []*Node{nil} },
	}, x)
}

// statsTasks is the work of stats, in two passes over x: the means, then the squares of what differs from them. parts has
// the sums of each block.
func (g *groupNorm) statsTasks(z, x, parts []float32) []tensor.Task {
	part := func(i, b int) []float32 { return row(parts, i*len(g.blocks)+b, g.c) }
	add := func(sum []float32, i int) {
		copy(sum, part(i, 0))
		for b := 1; b < len(g.blocks); b++ {
			asm.Add(sum, sum, part(i, b))
		}
	}
	mean := phase{
		block: func(i, b, _ int) {
			clear(part(i, b))
			for _, run := range g.blocks[b] {
				asm.OrbitSum(part(i, b), g.image(x, i), run.pixels, run.n)
			}
		},
		finish: func(i int) {
			mu, _ := g.coefficientsOf(z, i)
			add(mu, i)
			g.means(mu)
		},
	}
	spread := phase{
		block: func(i, b, _ int) {
			mu, _ := g.coefficientsOf(z, i)
			clear(part(i, b))
			for _, run := range g.blocks[b] {
				asm.OrbitSquares(part(i, b), g.image(x, i), mu, run.pixels, run.n)
			}
		},
		finish: func(i int) {
			_, r := g.coefficientsOf(z, i)
			add(r, i)
			g.means(r)
			asm.Shift(r, g.Eps, r)
			asm.Rsqrt(r, r)
		},
	}
	return phased(g.images(), g.n, len(g.blocks), mean, spread)
}

// row returns row i of x, n numbers.
func row(x []float32, i, n int) []float32 { return x[i*n : (i+1)*n] }

// means replaces sums over pixels by the means over each group of channels.
func (g *groupNorm) means(sums []float32) {
	plane := g.c / g.Planes
	g.addPlanes(sums)
	count := float32(g.h * g.w * g.c / g.Groups)
	for group := range slices.Chunk(sums[:plane], plane/g.Groups) {
		total := float32(0)
		for _, v := range group {
			total += v
		}
		for c := range group {
			group[c] = total / count
		}
	}
	repeat(sums, plane)
}

// addPlanes adds the second half of the planes' sums to the first, and so on.
func (g *groupNorm) addPlanes(sums []float32) {
	for n := g.c / 2; n >= g.c/g.Planes; n /= 2 {
		asm.Add(sums[:n], sums[:n], sums[n:2*n])
	}
}
