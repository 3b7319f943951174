package cells

import "math"

// A cloud is smooth noise in [0, 1]: uniform numbers on a lattice, which lies anyhow under the picture, and between them cubics.
type cloud struct {
	spacing float64
	x0, y0  float64
	n       int
	v       []float64
}

func newCloud(d *dice, spacing float64) *cloud {
	c := &cloud{spacing: spacing, x0: d.between(0, spacing), y0: d.between(0, spacing), n: int(Side/spacing) + 3}
	for range c.n * c.n {
		c.v = append(c.v, d.between(0, 1))
	}
	return c
}

// at returns the cloud at a pixel.
func (c *cloud) at(x, y int) float64 {
	i, u := c.place(float64(x) + c.x0)
	j, v := c.place(float64(y) + c.y0)
	row := c.v[j*c.n+i:]
	next := c.v[(j+1)*c.n+i:]
	return mix(mix(row[0], row[1], u), mix(next[0], next[1], u), v)
}

// place returns the lattice point before x and how far x is on the way to the next, smoothed.
func (c *cloud) place(x float64) (i int, t float64) {
	x /= c.spacing
	f := math.Floor(x)
	return int(f), smooth(x - f)
}

func mix(a, b, t float64) float64 { return a + float64(t*(b-a)) }

// smooth goes from 0 at t ≤ 0 to 1 at t ≥ 1, level at both ends.
func smooth(t float64) float64 {
	t = math.Max(0, math.Min(1, t))
	return float64(t*t) * (3 - float64(2*t))
}

// tissue lays the ground: pale, of uneven density, with holes.
func (p *picture) tissue(d *dice) {
	broad, middle, fine, patches := newCloud(d, 24), newCloud(d, 9), newCloud(d, 3.5), newCloud(d, 5)
	density, lilac := d.about(0.16, 0.05), d.about(0.035, 0.012)
	hole := d.between(-0.25, 0.5) // below it there is no tissue; in a third of the pictures it is everywhere
	for y := range Side {
		for x := range Side {
			i := y*Side + x
			p.patch[i] = 0.25 + float64(1.5*patches.at(x, y))
			p.grain[i] = 0.55 + float64(0.5*middle.at(x, y)) + float64(0.4*fine.at(x, y))
			there := smooth((broad.at(x, y) + float64(0.12*middle.at(x, y)) - hole) / 0.08)
			p.blue[i] = 0.02 + float64(float64(there*density)*float64(p.grain[i]*p.grain[i]))
			p.brown[i] = 0.01 + float64(float64(there*lilac)*p.grain[i])
		}
	}
}
