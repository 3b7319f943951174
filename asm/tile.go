package asm

// A Segment is a piece of the chains that Tile computes: a tap of a convolution, or an orbit of taps.
type Segment struct {
	X []float32 // from the first number of the first row on
	W []float32 // Depth·Width numbers: for each channel a panel's weights, side by side
}

// Strides say where the rows of a tile are, counted in numbers. Row r of tile t begins at
//
//	t·Tile + r·Row                 for r < h = ⌈rows/2⌉, and at
//	t·Tile + Gap + (r−h)·Row       for the others,
//
// so that a tile is two runs of rows at equal distances. A single run has Gap = h·Row.
type Strides struct{ Row, Gap, Tile int }

// A Tiling is the shape of the work of one call of Tile.
type Tiling struct {
	Rows  int // rows of a tile, at most the rows of TileSize
	Cols  int // columns of z, 1…Width
	Width int // columns of the packed weights, one of the two of TileSize
	Depth int // channels of a segment
	Count int // tiles
	X, Z  Strides

	// Next is read afterwards, such as the next panel's weights: while the tiles are computed, it is fetched into the second
	// cache, a little at a time. Where it is empty, the next tile's rows are. It changes no result. TileBF16 does not use it.
	Next []float32
}

// TileSize returns the most rows of a tile and the widths of a panel of weights, wide and narrow, of the instruction set in
// use. The width of a panel decides how weights are packed.
func TileSize() (rows, wide, narrow int) {
	return tileSize()
}

// Tile computes products of small matrices, a tile of rows at a time,
//
//	z[r,c] = z₀[r,c] + Σ_s Σ_k x_s[r,k]·w_s[k,c],
//
// each element as one chain of fused multiply-adds, segments s in order, channels k ascending. The first term z₀ is bias[c],
// or with a nil bias what z[r,c] was: a chain may be cut anywhere and continued by another call. z must not overlap the rest.
// It panics with a *LengthError where a row would reach outside its slice.
func Tile(z, bias []float32, segments []Segment, t *Tiling) {
	t.check(z, bias, segments)
	if t.Count > 0 {
		tile(z, bias, segments, t)
	}
}

func (t *Tiling) check(z, bias []float32, segments []Segment) {
	rows, wide, narrow := tileSize()
	t.checkSizes("Tile", rows, wide, narrow)
	if t.Count == 0 {
		return
	}
	t.checkResult("Tile", z, bias)
	nx, nw := plus(t.X.reach(t), t.Depth), times(t.Depth, t.Width)
	for i := range segments {
		reach("Tile", nx, segments[i].X)
		reach("Tile", nw, segments[i].W)
	}
}

// checkSizes panics unless the sizes are some that a kernel has, and distances are not negative.
func (t *Tiling) checkSizes(kernel string, rows, wide, narrow int) {
	if t.Rows < 1 || t.Rows > rows || t.Cols < 1 || t.Cols > t.Width || t.Width != wide && t.Width != narrow {
		panicLength(kernel, t.Rows, t.Cols, t.Width)
	}
	notNegative(kernel, t.Depth, t.Count, t.X.Row, t.X.Gap, t.X.Tile, t.Z.Row, t.Z.Gap, t.Z.Tile)
}

// checkResult panics unless z and bias have what the tiles compute and begin with.
func (t *Tiling) checkResult(kernel string, z, bias []float32) {
	reach(kernel, plus(t.Z.reach(t), t.Cols), z)
	if bias != nil {
		reach(kernel, t.Cols, bias)
	}
}

// reach returns the place of the last of a tiling's rows.
func (s *Strides) reach(t *Tiling) int {
	first, second := (t.Rows+1)/2, t.Rows/2
	last := times(first-1, s.Row)
	if second > 0 {
		last = max(last, plus(s.Gap, times(second-1, s.Row)))
	}
	return plus(times(t.Count-1, s.Tile), last)
}

// at returns the place of row r of tile t.
func (s *Strides) at(t, r, rows int) int {
	if h := (rows + 1) / 2; r >= h {
		return t*s.Tile + s.Gap + (r-h)*s.Row
	}
	return t*s.Tile + r*s.Row
}
