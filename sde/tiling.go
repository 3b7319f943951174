package sde

import (
	"fmt"

	"spdiff/group"
	"spdiff/tensor"
)

// A Tiling covers an image by overlapping tiles of a network's size, so that the network's denoiser becomes one of the whole
// image: each tile is denoised, and a pixel's D is the mean of those of its tiles, with weights that fall towards a tile's
// edges. It commutes to the last bit with every group that acts on image and tile, if the tiles' denoiser does:
//
//   - the tiles stand symmetrically about the image's centre, so the group permutes them;
//   - a weight is a product of one along y and one along x, which mirrors exchange and keep;
//   - the weighted sum over a pixel's tiles goes by the orbits and the trees of the group that acts on those tiles, as on the
//     pixels of a small image.
//
// A Tiling does not change, and any number of goroutines may use it at once.
type Tiling struct {
	h, w, c int // a tile
	y, x    axis
	plans   map[[2]int][][]int32 // by rows and columns of tiles that cover a pixel: their numbers, an orbit after another
}

// An axis is how tiles cover the pixels along one direction.
type axis struct {
	start  []int       // of the tiles
	first  []int       // of each pixel: the first tile that covers it
	weight [][]float32 // of each pixel: the weights of the tiles that do; their sum is 1
}

// NewTiling covers images of h×w pixels of c channels by tiles of th×tw pixels. It panics with an [*ArgumentError] if a size is
// not positive, or a tile larger than the image.
func NewTiling(h, w, th, tw, c int) *Tiling {
	if th < 1 || tw < 1 || c < 1 || h < th || w < tw {
		panic(&ArgumentError{"NewTiling", "sizes must be positive, and tiles not larger than the image, h×w by th×tw, c",
			[]int{h, w, th, tw, c}})
	}
	t := &Tiling{h: th, w: tw, c: c, y: newAxis(h, th), x: newAxis(w, tw), plans: map[[2]int][][]int32{}}
	for _, wy := range t.y.weight {
		for _, wx := range t.x.weight {
			if k := [2]int{len(wy), len(wx)}; t.plans[k] == nil {
				t.plans[k] = plan(k[0], k[1])
			}
		}
	}
	return t
}

// newAxis places tiles of n pixels on m pixels. Along an edge between two tiles the weights are those of a triangle, in whole
// numbers before they are divided, so that they are symmetric to the last bit.
func newAxis(m, n int) axis {
	a := axis{start: starts(m, n)}
	for p := range m {
		first, sum := -1, 0
		var heights []int
		for k, s := range a.start {
			if d := p - s; d >= 0 && d < n {
				if first < 0 {
					first = k
				}
				heights = append(heights, 1+min(d, n-1-d))
				sum += heights[len(heights)-1]
			}
		}
		weight := make([]float32, len(heights))
		for k, height := range heights {
			weight[k] = float32(height) / float32(sum)
		}
		a.first, a.weight = append(a.first, first), append(a.weight, weight)
	}
	return a
}

// starts returns where tiles of n pixels start that cover m pixels. The first is at one end and the last at the other. Their distances
// are about three quarters of a tile or less, and symmetric: the k-th from the start is as far from it as the k-th from the
// end is from the end. Where the middle tile would stand half a pixel off, there is one tile more.
func starts(m, n int) []int {
	rest := m - n
	count := 1 + (4*rest+3*n-1)/(3*n)
	if count%2 == 1 && rest%2 == 1 {
		count++
	}
	s := make([]int, count)
	for k := range count / 2 {
		s[k] = (2*k*rest + count - 1) / (2 * (count - 1)) // rounded: rounding down leaves gaps between small tiles
		s[count-1-k] = rest - s[k]
	}
	if count%2 == 1 {
		s[count/2] = rest / 2
	}
	return s
}

// plan returns the orbits of a grid of ky×kx tiles under all symmetries of the grid. That of kx×ky is the same with the axes
// exchanged, order and all, since a quarter turn makes the one the other.
func plan(ky, kx int) [][]int32 {
	switch {
	case ky == kx:
		return group.D4.Pixels(ky, kx)
	case ky < kx:
		return group.D2.Pixels(ky, kx)
	}
	orbits := group.D2.Pixels(kx, ky)
	for _, orbit := range orbits {
		for i, k := range orbit {
			orbit[i] = k%int32(ky)*int32(kx) + k/int32(ky)
		}
	}
	return orbits
}

// Tiles returns how many there are.
func (t *Tiling) Tiles() int { return len(t.y.start) * len(t.x.start) }

// Denoiser returns the denoiser of one whole image, made of that of the tiles: each evaluation is one call of d with all tiles,
// in the order of their numbers.
//
// The result has buffers of its own: it is for one goroutine at a time. It panics with an [*ArgumentError] if its arguments are
// not one image.
func (t *Tiling) Denoiser(d Denoiser) Denoiser {
	size := t.h * t.w * t.c
	in, out := make([]float32, t.Tiles()*size), make([]float32, t.Tiles()*size)
	var z, x []float32
	cut := tensor.Task{N: t.Tiles(), Do: func(k, _ int) { t.cut(in[k*size:(k+1)*size], x, k) }}
	blend := tensor.Task{N: len(t.y.first), Do: func(y, _ int) { t.blend(z, out, y) }}
	return func(to, from []float32, time float64) error {
		if n := len(t.y.first) * len(t.x.first) * t.c; len(to) != n || len(from) != n {
			panic(&ArgumentError{"Tiling", fmt.Sprintf("z and x must hold one image of %d numbers; they have", n), []int{len(to), len(from)}})
		}
		z, x = to, from
		tensor.Run(cut)
		if err := d(out, in, time); err != nil {
			return err
		}
		tensor.Run(blend)
		return nil
	}
}

// cut sets z to tile k of the image x.
func (t *Tiling) cut(z, x []float32, k int) {
	top, left := t.y.start[k/len(t.x.start)], t.x.start[k%len(t.x.start)]
	width := len(t.x.first) * t.c
	for y := range t.h {
		copy(z[y*t.w*t.c:(y+1)*t.w*t.c], x[(top+y)*width+left*t.c:])
	}
}

// blend sets row y of the image z to the means of the tiles' values.
func (t *Tiling) blend(z, tiles []float32, y int) {
	wy, fy := t.y.weight[y], t.y.first[y]
	for x, fx := range t.x.first {
		wx := t.x.weight[x]
		orbits := t.plans[[2]int{len(wy), len(wx)}]
		pixel := z[(y*len(t.x.first)+x)*t.c:][:t.c]
		for ch := range pixel {
			sum := float32(0)
			for i, orbit := range orbits {
				var leaves [8]float32
				for j, o := range orbit {
					ky, kx := int(o)/len(wx), int(o)%len(wx)
					weight := float32(wy[ky] * wx[kx])
					leaves[j] = float32(weight * tiles[t.at(fy+ky, fx+kx, y, x)+ch])
				}
				if s := neighbours(leaves[:len(orbit)]); i == 0 {
					sum = s
				} else {
					sum += s
				}
			}
			pixel[ch] = sum
		}
	}
}

// at returns where the tile of row ty and column tx of tiles has its value of pixel (y, x) of the image.
func (t *Tiling) at(ty, tx, y, x int) int {
	tile := ty*len(t.x.start) + tx
	return ((tile*t.h+y-t.y.start[ty])*t.w + x - t.x.start[tx]) * t.c
}

// neighbours returns the sum of v, of 1, 2, 4 or 8 numbers, by the tree over neighbours.
func neighbours(v []float32) float32 {
	for n := len(v); n > 1; n /= 2 {
		for i := range n / 2 {
			v[i] = v[2*i] + v[2*i+1]
		}
	}
	return v[0]
}
