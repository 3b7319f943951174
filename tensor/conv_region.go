package tensor

// A span is the indices from…to−1 on one axis.
type span struct{ from, to int }

func (s span) len() int { return s.to - s.from }

// evenSpan returns span i of count, into which n things are cut as evenly as can be.
func evenSpan(n, i, count int) span { return span{evenAt(n, i, count), evenAt(n, i+1, count)} }

// evenAt returns where span i of count begins: ⌊n·i/count⌋, for n·i may be beyond 32 bits.
func evenAt(n, i, count int) int { return int(int64(n) * int64(i) / int64(count)) }

// A box is a block of pixels: spans of columns x, rows y and images n, by number of axis.
type box [3]span

// The axes of a box.
const (
	axisX = iota
	axisY
	axisN
)

func (b *box) volume() int { return b[0].len() * b[1].len() * b[2].len() }

// A grid is where the pixels of a box are in memory: the number of pixel (0, 0, 0), and the steps along the axes.
type grid struct {
	origin int
	step   [3]int
}

// first is the number of the box's first pixel.
func (g *grid) first(b *box) int {
	return g.origin + g.step[axisX]*b[axisX].from + g.step[axisY]*b[axisY].from + g.step[axisN]*b[axisN].from
}

// A region is a box of output pixels which see the same taps, the others falling off the image. With Up above 1 these are pixels
// in every Up-th row and column, and the box counts them alone.
type region struct {
	box  box
	x, z grid // of what the tap (0, 0) reads, and of the output
	taps []tapAt
}

// A tapAt is a tap that a region sees: the number of its orbit, and how many pixels it is on from where x is.
type tapAt struct{ orbit, at int }

// regions cuts the output into regions, for a kernel of single taps: a 3×3 kernel gives the interior, four borders and four
// corners.
func (c *Conv) regions() []region {
	var rs []region
	s := &c.s
	for _, ys := range c.sections(axisY) {
		for _, xs := range c.sections(axisX) {
			rs = append(rs, region{
				box:  box{axisX: xs.span, axisY: ys.span, axisN: {0, s.N}},
				x:    grid{0, [3]int{axisX: s.Stride, axisY: s.Stride * s.W, axisN: s.H * s.W}},
				z:    grid{ys.first*s.OutW + xs.first, [3]int{axisX: s.Up, axisY: s.Up * s.OutW, axisN: s.OutH * s.OutW}},
				taps: c.seen(&ys, &xs),
			})
		}
	}
	return rs
}

// A section is places on one axis of the output that see the same taps: first + Up·i, for i in the span.
type section struct {
	span
	first int
}

// sections cuts an axis into the longest sections.
func (c *Conv) sections(axis int) []section {
	var all []section
	in, out := c.s.sides(axis)
	for first := range min(c.s.Up, out) {
		for _, s := range cutWhere((out-first+c.s.Up-1)/c.s.Up, func(i int) bool { return c.tapsChange(axis, first, i, in) }) {
			all = append(all, section{s, first})
		}
	}
	return all
}

// sides returns the lengths of an axis of the input and of the output.
func (s *ConvShape) sides(axis int) (in, out int) {
	if axis == axisX {
		return s.W, s.OutW
	}
	return s.H, s.OutH
}

// cutWhere cuts 0…size−1 into spans that begin at 0 and where change says so.
func cutWhere(size int, change func(at int) bool) []span {
	var spans []span
	for at := range size {
		if at > 0 && !change(at) {
			spans[len(spans)-1].to++
		} else {
			spans = append(spans, span{at, at + 1})
		}
	}
	return spans
}

// reads returns the place on an axis of the input that place first + Up·i of the output sees at a tap, and whether it is a pixel.
func (s *ConvShape) reads(first, i, tap, in int) (at int, inside bool) {
	from := s.Stride*first + tap
	at = s.Stride*i + from/s.Up
	return at, from%s.Up == 0 && at >= 0 && at < in
}

// tapsChange reports whether a tap is inside at i−1 and not at i, or the other way round.
func (c *Conv) tapsChange(axis, first, i, in int) bool {
	for _, orbit := range c.k {
		for _, t := range orbit {
			_, before := c.s.reads(first, i-1, t[1-axis], in) // axisX is a tap's second number
			if _, now := c.s.reads(first, i, t[1-axis], in); now != before {
				return true
			}
		}
	}
	return false
}

// seen lists the taps that are inside on two sections.
func (c *Conv) seen(ys, xs *section) (taps []tapAt) {
	for o, orbit := range c.k {
		y, yes := c.s.reads(ys.first, ys.from, orbit[0][0], c.s.H)
		x, and := c.s.reads(xs.first, xs.from, orbit[0][1], c.s.W)
		if yes && and {
			taps = append(taps, tapAt{o, (y-c.s.Stride*ys.from)*c.s.W + x - c.s.Stride*xs.from})
		}
	}
	return taps
}
