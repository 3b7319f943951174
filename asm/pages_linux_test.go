package asm

import (
	"math/rand/v2"
	"syscall"
	"testing"
	"unsafe"
)

// A pages hands out memory between pages that must not be touched.
type pages struct {
	t    *testing.T
	maps [][]byte
}

func (p *pages) free() {
	for _, m := range p.maps {
		syscall.Munmap(m)
	}
	p.maps = nil
}

// copy returns a copy of x that ends where a page does that must not be touched, or begins behind one.
func (p *pages) copy(x []float32, atEnd bool) []float32 {
	const page = 4096
	n := (4*len(x) + page - 1) / page * page
	m, err := syscall.Mmap(-1, 0, n+2*page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		p.t.Fatal(err)
	}
	p.maps = append(p.maps, m)
	for _, outside := range [][]byte{m[:page], m[page+n:]} {
		if err := syscall.Mprotect(outside, syscall.PROT_NONE); err != nil {
			p.t.Fatal(err)
		}
	}
	first := page
	if atEnd {
		first += n - 4*len(x)
	}
	z := unsafe.Slice((*float32)(unsafe.Pointer(&m[first])), len(x))
	copy(z, x)
	return z
}

// TestTileBF16StaysInside multiplies with operands, bias and result right beside memory that must not be touched. A kernel that reads
// or writes there ends the test binary.
func TestTileBF16StaysInside(t *testing.T) {
	eachForm(t, func(t *testing.T) {
		rows, wide, narrow := TileSizeBF16()
		r := rand.New(rand.NewPCG(61, 62))
		number := func() float32 { return float32(r.NormFloat64()) }
		for trial := range 4 * rows {
			width := []int{wide, narrow}[trial%2]
			p := newProductBF16(r, 1+trial%rows, 1+r.IntN(width), width, 1+r.IntN(70), 1+r.IntN(2), number)
			memory := &pages{t: t}
			for i, s := range p.segments {
				x := s.X[:SlotsBF16(s.At+p.X.reach(&p.Tiling)+PaddedBF16(p.Depth))]
				p.segments[i] = SegmentBF16{memory.copy(x, trial&4 == 0), s.At, memory.copy(s.W, trial&4 == 0)}
			}
			z := memory.copy(make([]float32, p.Z.reach(&p.Tiling)+p.Cols), trial&4 == 0)
			want := append([]float32(nil), z...)
			bias := p.bias
			if p.bias != nil {
				bias = memory.copy(p.bias, trial&4 == 0)
			}
			TileBF16(z, bias, p.segments, &p.Tiling)
			tileBF16Generic(want, p.bias, p.segments, &p.Tiling)
			if i := unlike(z, want); i >= 0 {
				t.Fatalf("%+v: number %d is %v, not %v", p.Tiling, i, z[i], want[i])
			}
			memory.free()
		}
	})
}

// TestRoundingStaysInside rounds beside such memory.
func TestRoundingStaysInside(t *testing.T) {
	eachForm(t, func(t *testing.T) {
		for _, f := range rounders {
			r := rand.New(rand.NewPCG(63, uint64(len(f.name))))
			for trial := range 100 {
				o := f.randomRounding(r)
				if o.Rows == 0 || o.Cols == 0 {
					continue
				}
				run, runs := o.Cols, o.Rows
				if !f.rows {
					run, runs = runs, run
				}
				n := SlotsBF16((o.Lines-1)*o.ZLine + (runs-1)*o.ZRow + o.Fill)
				if f.pack {
					n = SlotsBF16(PaddedBF16(o.Lines*o.Fill)) * o.Width
				}
				memory := &pages{t: t}
				x := memory.copy(someBits(r, (o.Lines-1)*o.XLine+(o.Rows-1)*o.XRow+o.Cols), trial%2 == 0)
				z := memory.copy(make([]float32, n), trial%2 == 0)
				f.call(z, 0, x, o)
				if got, want := NumberBF16(z, 0), nearest(x[0]); run > 0 && !sameNumber(got, want) {
					t.Errorf("%+v: the first number is %v, not %v", o, got, want)
				}
				memory.free()
			}
		}
	})
}
