package tensor

import "spdiff/asm"

// A folding makes S and D of a GroupConv, for some image rows at a time. It first copies the two halves of the channels apart,
// with a margin of zeros, so that each tap is one call for all rows; but for the tap (0, 0) alone, which needs no margin.
type folding struct {
	s      ConvShape // Cin channels
	k      GroupKernel
	i      span // of the channels of a half
	my, mx int  // the margin: the largest |dy| and |dx| of a tap
}

// newFolding plans S and D of channels i of a half, all of them in a forward pass.
func newFolding(s ConvShape, k GroupKernel, i span) folding {
	f := folding{s: s, k: k, i: i}
	for _, t := range k.Taps {
		f.my, f.mx = max(f.my, t[0], -t[0]), max(f.mx, t[1], -t[1])
	}
	return f
}

// half is the number of channels of a half.
func (f *folding) half() int { return f.i.len() }

// sumsLen is the length of S of some pixels, and that of D.
func (f *folding) sumsLen(pixels int) int { return len(f.k.Taps) * pixels * f.half() }

// padRow is the length of a row of a half with its margin; padLen that of both halves of n rows.
func (f *folding) padRow() int { return (f.s.W + 2*f.mx) * f.half() }

func (f *folding) padLen(n int) int {
	if f.alone() {
		return 0
	}
	return 2 * (n + 2*f.my) * f.padRow()
}

// alone reports whether the kernel is the tap (0, 0).
func (f *folding) alone() bool { return len(f.k.Taps) == 1 && f.my == 0 && f.mx == 0 }

// fold makes S and D of rows from…from+n−1 of an image: pixel p of tap t at (t·pixels + at + p)·half.
func (f *folding) fold(sum, diff, pad, x []float32, image, from, n, at, pixels int) {
	if f.alone() {
		x = x[(image*f.s.H+from)*f.s.W*f.s.Cin+f.i.from:]
		at *= f.half()
		asm.AddSub(sum[at:], diff[at:], x, x[f.s.Cin/2:], &asm.Stripes{Len: f.half(), Count: n * f.s.W, Z: f.half(), X: f.s.Cin})
		return
	}
	f.split(pad, x, image, from, n)
	f.taps(sum, diff, pad, n, at, pixels)
}

// split copies rows from…from+n−1 of an image, and the margin, to pad: the first half, then the second.
func (f *folding) split(pad, x []float32, image, from, n int) {
	row, margin := f.padRow(), f.mx*f.half()
	size := len(pad) / 2
	var leaf [1][]float32
	for h := range 2 {
		for i := range n + 2*f.my {
			z := pad[h*size+i*row : h*size+(i+1)*row]
			y := from + i - f.my
			if y < 0 || y >= f.s.H {
				clear(z)
				continue
			}
			clear(z[:margin])
			clear(z[row-margin:])
			leaf[0] = x[(image*f.s.H+y)*f.s.W*f.s.Cin+h*f.s.Cin/2+f.i.from:]
			asm.TreeSum(z[margin:], leaf[:], &asm.Stripes{Len: f.half(), Count: f.s.W, Z: f.half(), X: f.s.Cin})
		}
	}
}

// taps makes S and D of n rows from pad.
func (f *folding) taps(sum, diff, pad []float32, n, at, pixels int) {
	size, row := len(pad)/2, f.padRow()
	lines := asm.Stripes{Len: f.s.W * f.half(), Count: n, Z: f.s.W * f.half(), X: row}
	for i, t := range f.k.Taps {
		m := f.k.Taps[f.k.Mirror[i]]
		z := (i*pixels + at) * f.half()
		x, y := (f.my+t[0])*row+(f.mx+t[1])*f.half(), (f.my+m[0])*row+(f.mx+m[1])*f.half()
		asm.AddSub(sum[z:], diff[z:], pad[x:size], pad[size+y:], &lines)
	}
}
