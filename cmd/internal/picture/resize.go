package picture

import "math"

// Fit returns m as h×w pixels: the largest part of that aspect in its middle, scaled. m itself is returned if it fits.
func (m *Image) Fit(h, w int) *Image {
	if m.H == h && m.W == w {
		return m
	}
	ch, cw := m.H, max(1, m.H*w/h)
	if cw > m.W {
		ch, cw = min(m.H, max(1, m.W*h/w)), m.W
	}
	return m.Crop((m.H-ch)/2, (m.W-cw)/2, ch, cw).Scale(h, w)
}

// Scale returns m scaled to h×w pixels by the Catmull–Rom kernel, widened where the image becomes smaller so that nothing is
// skipped, first along rows and then along columns, and rounded to 16 bits after each. Every operation is rounded for
// itself, so no machine gives other pixels.
func (m *Image) Scale(h, w int) *Image {
	return m.scaleRows(w).transpose().scaleRows(h).transpose()
}

// scaleRows scales every row to w pixels.
func (m *Image) scaleRows(w int) *Image {
	if w == m.W {
		return m
	}
	z := &Image{m.H, w, m.C, make([]uint16, m.H*w*m.C)}
	first, weights := make([]int, w), make([][]float64, w)
	for x := range w {
		first[x], weights[x] = taps(x, w, m.W)
	}
	for y := range m.H { // rows outside: they lie together in memory
		from, to := m.Pix[y*m.W*m.C:][:m.W*m.C], z.Pix[y*w*m.C:][:w*m.C]
		for i := range to {
			x, c := i/m.C, i%m.C
			var sum float64
			for k, a := range weights[x] {
				sum += float64(a * float64(from[(first[x]+k)*m.C+c]))
			}
			to[i] = uint16(math.Max(0, math.Min(65535, math.Floor(sum+0.5))))
		}
	}
	return z
}

// taps returns the weights of pixels first, first+1, … of from in pixel x of to; their sum is 1.
func taps(x, to, from int) (first int, weights []float64) {
	scale := float64(from) / float64(to)
	width := math.Max(scale, 1)
	centre := float64((float64(x)+0.5)*scale) - 0.5
	first = max(0, int(math.Ceil(centre-float64(2*width))))
	last := min(from-1, int(math.Floor(centre+float64(2*width))))
	var sum float64
	for i := first; i <= last; i++ {
		a := catmullRom((float64(i) - centre) / width)
		weights, sum = append(weights, a), sum+a
	}
	for i := range weights {
		weights[i] /= sum
	}
	return first, weights
}

// catmullRom is the cubic kernel through its points: 1.5|t|³ − 2.5t² + 1 for |t| < 1, −0.5|t|³ + 2.5t² − 4|t| + 2 for |t| < 2.
func catmullRom(t float64) float64 {
	t = math.Abs(t)
	switch {
	case t < 1:
		return float64(float64(float64(1.5*t)-2.5)*float64(t*t)) + 1
	case t < 2:
		return float64(float64(float64(float64(2.5-float64(0.5*t))*t)-4)*t) + 2
	}
	return 0
}

func (m *Image) transpose() *Image {
	z := &Image{m.W, m.H, m.C, make([]uint16, len(m.Pix))}
	for y := range m.H {
		for x := range m.W {
			copy(z.Pix[(x*m.H+y)*m.C:][:m.C], m.Pix[(y*m.W+x)*m.C:])
		}
	}
	return z
}
