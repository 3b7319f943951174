package cells

import "math"

// A cell is a nucleus, and what is about it if it is brown.
type cell struct {
	x, y          float64 // its middle
	dx, dy        float64 // the direction of its long half-axis, a unit vector
	long, short   float64 // half-axes of the nucleus, in pixels
	wobble, twist float64 // of the outline: an egg and a triangle
	blue, rim     float64 // density of the nucleus, and how much more its rim has
	brown         float64 // density of the ring; 0: there is none
	width         float64 // of the ring
	haze          float64 // density of what is beyond it
	cover         float64 // density of what lies over the nucleus
}

// A mixture is how many cells of each kind a picture may have.
type mixture struct {
	cells, brown, pale [2]float64 // from, to
	room               float64    // how near two cells may be, in sums of their radii
}

var mixtures = [Classes]mixture{
	{cells: [2]float64{6, 26}, pale: [2]float64{0, 7}, room: 0.95},
	{cells: [2]float64{5, 20}, brown: [2]float64{2, 6}, pale: [2]float64{0, 6}, room: 0.95},
	{cells: [2]float64{3, 12}, brown: [2]float64{16, 30}, pale: [2]float64{0, 3}, room: 0.85},
}

// population returns the cells of a picture of a class. The brown ones come first, and find room; so a class is what it says.
func (d *dice) population(class int) []cell {
	m := mixtures[class]
	var all []cell
	for kind, n := range [][2]float64{m.brown, m.cells, m.pale} {
		for range int(d.between(n[0], n[1])) {
			c := d.cell(kind)
			if d.settle(&c, all, m.room) {
				all = append(all, c)
			}
		}
	}
	return all
}

// The kinds of cells.
const (
	brownCell = iota
	blueCell
	paleCell // of connective tissue
)

// cell returns a cell of a kind, nowhere yet.
func (d *dice) cell(kind int) cell {
	c := cell{long: d.about(4.6, 0.5), blue: d.about(1.15, 0.22), rim: d.about(0.5, 0.15), wobble: d.about(0, 0.06), twist: d.about(0, 0.05)}
	c.dx, c.dy = d.direction()
	c.short = float64(c.long * d.between(0.76, 1))
	switch kind {
	case brownCell:
		c.brown, c.width = d.about(1.9, 0.4), d.about(1.5, 0.3)
		c.haze, c.cover = d.about(0.36, 0.16), d.between(0, 0.9)
	case paleCell:
		c.long, c.short = d.about(7, 1.1), d.about(3.1, 0.5)
		c.blue, c.rim = d.about(0.42, 0.1), d.about(0.2, 0.06)
	}
	return c
}

// radius is how much room a cell takes.
func (c *cell) radius() float64 { return float64(0.5*(c.long+c.short)) + c.width }

// tries is how often a cell looks for a place.
const tries = 6

// settle gives c a place that is not another's, if it finds one. A cell that is brown lies in the picture, not at its border.
func (d *dice) settle(c *cell, others []cell, room float64) bool {
	lo, hi := -4.0, float64(Side)+3
	if c.brown > 0 {
		lo, hi = 1, Side-2
	}
	for range tries {
		c.x, c.y = d.between(lo, hi), d.between(lo, hi)
		if c.free(others, room) {
			return true
		}
	}
	return false
}

func (c *cell) free(others []cell, room float64) bool {
	for i := range others {
		o := &others[i]
		x, y := c.x-o.x, c.y-o.y
		near := float64(room * (c.radius() + o.radius()))
		if float64(x*x)+float64(y*y) < float64(near*near) {
			return false
		}
	}
	return true
}

// add stains the pixels of a cell.
func (p *picture) add(c *cell) {
	reach := float64(1.2*c.long) + float64(2*c.width) + 3
	x0, x1 := span(c.x, reach)
	y0, y1 := span(c.y, reach)
	for y := y0; y <= y1; y++ {
		for x := x0; x <= x1; x++ {
			p.stain(c, y*Side+x, float64(x)-c.x, float64(y)-c.y)
		}
	}
}

// span returns the pixels within reach of a place.
func span(x, reach float64) (lo, hi int) {
	return max(int(math.Ceil(x-reach)), 0), min(int(math.Floor(x+reach)), Side-1)
}

// stain adds what a cell has at (x, y) from its middle, where pixel i is.
func (p *picture) stain(c *cell, i int, x, y float64) {
	off := c.outside(x, y)
	inside := smooth(0.5 - float64(off/1.4))
	rim := float64(inside * smooth(1+float64(off/2.2)))
	p.blue[i] += float64(inside*float64(c.blue*p.grain[i])) + float64(c.rim*rim)
	if c.brown == 0 {
		return
	}
	ring := float64(smooth(float64((off+1.4)/1.2)) * smooth(float64((c.width+0.6-off)/1.2)))
	haze := float64(c.haze * smooth(1-off/(float64(2*c.width)+2)))
	p.brown[i] += float64((float64(c.brown*ring)+haze)*p.patch[i]) + float64(c.cover*inside)
}

// outside returns how far (x, y) is from the outline of the nucleus, in pixels along the ray from its middle; negative inside.
func (c *cell) outside(x, y float64) float64 {
	u := float64(x*c.dx) + float64(y*c.dy)
	v := float64(y*c.dx) - float64(x*c.dy)
	r := math.Sqrt(float64(u*u) + float64(v*v))
	if r == 0 {
		return -c.short
	}
	a, b := u/r, v/r // cosine and sine of the angle
	ellipse := math.Sqrt(float64(a*a)/float64(c.long*c.long) + float64(b*b)/float64(c.short*c.short))
	egg := float64(a * (float64(a*a) - float64(3*float64(b*b)))) // cos 3φ
	return r - float64((1+float64(c.wobble*a)+float64(c.twist*egg))/ellipse)
}
