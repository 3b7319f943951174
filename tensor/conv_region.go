package tensor

// A span is the indices from…to−1 on one axis.
type span struct{ from, to int }

func (s span) len() int { return s.to - s.from }

// A box is a block of pixels: spans of columns x, rows y and images n, by number of axis.
type box [3]span

// The axes of a box.
const (
	axisX = iota
	axisY
	axisN
)

func (b *box) volume() int { return b[0].len() * b[1].len() * b[2].len() }

// first is the number of the box's first pixel.
func (b *box) first(s *ConvShape) int {
	return (b[axisN].from*s.H+b[axisY].from)*s.W + b[axisX].from
}

// step is the number of pixels from one index of an axis to the next.
func (s *ConvShape) step(axis int) int {
	switch axis {
	case axisX:
		return 1
	case axisY:
		return s.W
	}
	return s.H * s.W
}

// A region is a box of output pixels which see the same taps, the others falling off the image.
type region struct {
	box  box
	taps []int // numbers of single-tap orbits
}

// regions cuts the image into regions, for a kernel of single taps: a 3×3 kernel gives the interior, four borders and four
// corners.
func (c *Conv) regions() []region {
	var rs []region
	for _, ys := range sameTaps(c.k, axisY, c.s.H) {
		for _, xs := range sameTaps(c.k, axisX, c.s.W) {
			r := region{box: box{axisX: xs, axisY: ys, axisN: {0, c.s.N}}}
			for o, orbit := range c.k {
				if inside(orbit[0][0], ys.from, c.s.H) && inside(orbit[0][1], xs.from, c.s.W) {
					r.taps = append(r.taps, o)
				}
			}
			rs = append(rs, r)
		}
	}
	return rs
}

func inside(tap, at, size int) bool { return at+tap >= 0 && at+tap < size }

// sameTaps cuts 0…size−1 into the longest spans on which the same taps stay inside.
func sameTaps(k Kernel, axis, size int) []span {
	var spans []span
	for at := range size {
		if at > 0 && !tapsChange(k, axis, at, size) {
			spans[len(spans)-1].to++
		} else {
			spans = append(spans, span{at, at + 1})
		}
	}
	return spans
}

// tapsChange reports whether a tap is inside at at−1 and not at at, or the other way round.
func tapsChange(k Kernel, axis, at, size int) bool {
	coordinate := 1 - axis // axisX is a tap's second number
	for _, orbit := range k {
		for _, t := range orbit {
			if inside(t[coordinate], at-1, size) != inside(t[coordinate], at, size) {
				return true
			}
		}
	}
	return false
}
