package tensor

import "spdiff/asm"

// sumsLen is how many numbers of orbit sums a weight gradient keeps at a time: 4 MiB, so that the products, which all
// workers share out among them, last much longer than the fork and join around them.
const sumsLen = 1 << 20

// weightGradTied is the work of the weight gradient with shared weights: block by block of image rows, first the orbit sums,
// then their products. All pieces share a block's sums, so that each is computed once.
func (c *Conv) weightGradTied(dw, x, dz []float32) []Task {
	p := newPlanes(c.s, c.k)
	units := c.gradUnits()
	rows := c.s.N * c.s.H
	per := min(rows, max(1, sumsLen/(p.count*p.rowLen())))
	sums := make([]float32, p.count*per*p.rowLen())
	var tasks []Task
	for from := 0; from < rows; from += per {
		n := min(per, rows-from)
		tasks = append(tasks, p.task(sums, x, from, n), Task{N: len(units), Do: func(i, _ int) {
			if from == 0 {
				c.clearUnit(dw, &units[i])
			}
			c.outerPlanes(dw, x, sums, dz, p, &units[i], from, n)
		}})
	}
	return tasks
}

// task is the work of summing n image rows from row from on.
func (p *planes) task(sums, x []float32, from, n int) Task {
	per := max(1, (1<<13)/p.rowLen())
	return Task{N: (n + per - 1) / per, Do: func(i, _ int) {
		p.sumPart(sums, x, from, n, i*per, min((i+1)*per, n))
	}}
}

// outerPlanes adds the products over n image rows from row from on to a piece of the weights.
func (c *Conv) outerPlanes(dw, x, sums, dz []float32, p *planes, u *gradUnit, from, n int) {
	most, wide, _ := asm.TileSize()
	block := max(1, blockLen/(most+wide))
	pixels := n * c.s.W
	for at := 0; at < pixels; at += block {
		b := box{{at, min(at+block, pixels)}, {0, 1}, {0, 1}}
		for o := u.orbits.from; o < u.orbits.to; o++ {
			c.outer(dw, p.plane(o, x, sums, from, n)[at*c.s.Cin:], dz[(from*c.s.W+at)*c.s.Cout:], u, o, &b)
		}
	}
}
