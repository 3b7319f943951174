package asm

// Pixels say where the rows of a tensor are that Outer walks, counted in numbers: row (n, h, p) begins at
// n·Image + h·Row + p·Pixel.
type Pixels struct{ Image, Row, Pixel int }

// A Sweep is the shape of the work of one call of Outer.
type Sweep struct {
	Rows, Cols            int // of the block of z: at most TileSize's rows and wide
	Stride                int // from a row of z to the next
	Images, Height, Width int // how many rows of x and y
	X, Y                  Pixels
}

// Outer adds the outer products of the rows of x and y to a block of z,
//
//	z[i,j] += Σ_n Σ_h Σ_p x[n,h,p; i]·y[n,h,p; j],
//
// each element as one chain of fused multiply-adds that begins with what z was, n, then h, then p ascending. z must not
// overlap x and y. It panics with a *LengthError where a row would reach outside its slice.
func Outer(z, x, y []float32, o *Sweep) {
	rows, wide, _ := tileSize()
	if o.Rows < 1 || o.Rows > rows || o.Cols < 1 || o.Cols > wide {
		panicLength("Outer", o.Rows, o.Cols)
	}
	notNegative("Outer", o.Stride, o.Images, o.Height, o.Width, o.X.Image, o.X.Row, o.X.Pixel, o.Y.Image, o.Y.Row, o.Y.Pixel)
	if o.Images == 0 || o.Height == 0 || o.Width == 0 {
		return
	}
	reach("Outer", plus(times(o.Rows-1, o.Stride), o.Cols), z)
	reach("Outer", plus(o.X.reach(o), o.Rows), x)
	reach("Outer", plus(o.Y.reach(o), o.Cols), y)
	outer(z, x, y, o)
}

// reach returns the place of the last row.
func (p *Pixels) reach(o *Sweep) int {
	return plus(times(o.Images-1, p.Image), times(o.Height-1, p.Row), times(o.Width-1, p.Pixel))
}
