package cells

import (
	"math"
	"slices"
	"testing"
)

const size = 3 * Side * Side

// A picture depends on the seed and its number alone, and two pictures differ.
func TestCellsAreAFunction(t *testing.T) {
	a, b, c := make([]float32, size), make([]float32, size), make([]float32, size)
	for i := range 30 {
		ka, _ := New(3, 100).Image(a, i)
		kb, _ := New(3, 50).Image(b, i)
		New(4, 100).Image(c, i)
		if !slices.Equal(a, b) || ka != kb || slices.Equal(a, c) {
			t.Fatalf("picture %d of classes %d and %d, or the same as another seed's", i, ka, kb)
		}
	}
}

// brownAt reports whether a pixel is brown: red is over blue by far.
func brownAt(x []float32, p int) bool { return x[3*p]-x[3*p+2] > 0.16 }

// blots returns how many connected pieces of brown there are, of nine pixels or more.
func blots(x []float32) int {
	var seen [Side * Side]bool
	n := 0
	for p := range seen {
		todo, area := []int{p}, 0
		for len(todo) > 0 {
			q := todo[len(todo)-1]
			todo = todo[:len(todo)-1]
			if seen[q] || !brownAt(x, q) {
				continue
			}
			seen[q] = true
			area++
			for _, d := range [][2]int{{0, 1}, {1, 0}, {0, -1}, {-1, 0}} {
				if r, c := q/Side+d[0], q%Side+d[1]; r >= 0 && r < Side && c >= 0 && c < Side {
					todo = append(todo, r*Side+c)
				}
			}
		}
		if area >= 9 {
			n++
		}
	}
	return n
}

// All classes come alike, pixels are in bounds, and a class is what it says: without brown, with a few cells in it, or full of them.
func TestClasses(t *testing.T) {
	const n = 600
	var counts [Classes]int
	x := make([]float32, size)
	for i := range n {
		class, err := New(1, n).Image(x, i)
		if err != nil || !(slices.Min(x) >= -1 && slices.Max(x) <= 1) {
			t.Fatalf("picture %d: %v, pixels from %v to %v", i, err, slices.Min(x), slices.Max(x))
		}
		counts[class]++
		brown := 0
		for p := range Side * Side {
			if brownAt(x, p) {
				brown++
			}
		}
		share, pieces := float64(brown)/(Side*Side), blots(x)
		switch {
		case class == 0 && brown > 0,
			class == 1 && (pieces < 1 || share < 0.005 || share > 0.16),
			class == 2 && share < 0.16:
			t.Errorf("picture %d of class %d: %.3f of it brown, in %d pieces", i, class, share, pieces)
		}
	}
	for k, c := range counts {
		if c < n/Classes-50 || c > n/Classes+50 {
			t.Errorf("%d of %d pictures are of class %d", c, n, k)
		}
	}
}

// The class of a picture is known without drawing it, and has a name.
func TestLabels(t *testing.T) {
	x := make([]float32, size)
	for i := range 30 {
		s := New(7, 30)
		class, err := s.Image(x, i)
		if err != nil || class != s.Label(i) {
			t.Errorf("picture %d is of class %d, its label %d (%v)", i, class, s.Label(i), err)
		}
	}
	if s := New(7, 1); !s.Labelled() || len(s.NamesOfClasses()) != Classes {
		t.Errorf("%d classes have the names %q", Classes, s.NamesOfClasses())
	}
}

// uneven returns statistics that a mirror or a quarter turn changes the sign of: left against right, above against below, rows against
// columns, and falling against rising edges.
func uneven(x []float32) (s [4]float64) {
	green := func(r, c int) float64 { return float64(x[3*(r*Side+c)+1]) }
	for r := range Side - 1 {
		for c := range Side - 1 {
			dy, dx := green(r+1, c)-green(r, c), green(r, c+1)-green(r, c)
			s[2] += dy*dy - dx*dx
			s[3] += (green(r+1, c+1) - green(r, c)) * (green(r+1, c) - green(r, c+1))
		}
	}
	half := float64(Side-1) / 2
	for r := range Side {
		for c := range Side {
			s[0] += green(r, c) * (float64(c) - half)
			s[1] += green(r, c) * (float64(r) - half)
		}
	}
	return s
}

// No side and no direction is favoured: the mean of what changes its sign is 0 within four of its deviations.
func TestNoRightWayUp(t *testing.T) {
	const n = 800
	var sum, squares [4]float64
	x := make([]float32, size)
	for i := range n {
		New(5, n).Image(x, i)
		for k, v := range uneven(x) {
			sum[k] += v
			squares[k] += v * v
		}
	}
	for k, s := range sum {
		if z := s / math.Sqrt(squares[k]); math.Abs(z) > 4 {
			t.Errorf("statistic %d is %.1f deviations from 0", k, z)
		}
	}
}

// Equal bits on every machine: a sum of the first pictures' bits.
func TestBits(t *testing.T) {
	x, sum := make([]float32, size), uint64(0)
	for i := range 60 {
		New(1, 100).Image(x, i)
		for _, v := range x {
			sum = sum*1099511628211 ^ uint64(math.Float32bits(v))
		}
	}
	if want := uint64(0x74f41a91e8af62b3); sum != want {
		t.Errorf("the pictures' hash is %#x, want %#x", sum, want)
	}
}

// The numbers are enough for the fullest picture: 42 cells, each of which tries all its places.
func TestNumbers(t *testing.T) {
	d := newDice(9, 0)
	(&picture{}).tissue(d)
	for kind, m := range []float64{mixtures[2].brown[1], mixtures[2].cells[1], mixtures[2].pale[1]} {
		for range int(m) {
			c, o := d.cell(kind), cell{long: 99, short: 99}
			if c.brown = 1; d.settle(&c, []cell{o}, 2) {
				t.Fatal("a cell settled where there is no room")
			}
		}
	}
}

func BenchmarkImage(b *testing.B) {
	x := make([]float32, size)
	for i := range b.N {
		New(1, 1<<30).Image(x, i)
	}
}
