package digits

import (
	"math"
	"testing"
)

// A digit depends on the seed and its number alone, and two digits differ.
func TestDigitsAreAFunction(t *testing.T) {
	a, b, c := make([]float32, Side*Side), make([]float32, Side*Side), make([]float32, Side*Side)
	for i := range 50 {
		ka, _ := New(3, 100).Image(a, i)
		kb, _ := New(3, 50).Image(b, i)
		New(4, 100).Image(c, i)
		same, differ := true, false
		for p := range a {
			same = same && a[p] == b[p]
			differ = differ || a[p] != c[p]
		}
		if !same || ka != kb || !differ {
			t.Fatalf("digit %d: same %v, classes %d and %d, differs from another seed's %v", i, same, ka, kb, differ)
		}
	}
}

// All classes come alike; a digit has ink, in bounds, about the middle, and paper at the border.
func TestDigitsLookLikeDigits(t *testing.T) {
	const n = 3000
	var counts [10]int
	x := make([]float32, Side*Side)
	border := 0
	for i := range n {
		k, err := New(1, n).Image(x, i)
		if err != nil {
			t.Fatal(err)
		}
		counts[k]++
		var ink, cx, cy float64
		for p, v := range x {
			if !(v >= -1 && v <= 1) {
				t.Fatalf("digit %d: pixel %d is %v", i, p, v)
			}
			w := float64(v+1) / 2
			ink, cx, cy = ink+w, cx+w*float64(p%Side), cy+w*float64(p/Side)
			if y := p / Side; (y == 0 || y == Side-1 || p%Side == 0 || p%Side == Side-1) && v > -1 {
				border++
			}
		}
		if ink < 15 || ink > 300 || math.Abs(cx/ink-14) > 5 || math.Abs(cy/ink-14) > 5 {
			t.Errorf("digit %d (%d): %v pixels of ink about (%v, %v)", i, k, ink, cx/ink, cy/ink)
		}
	}
	for k, c := range counts {
		if c < n/10-75 || c > n/10+75 {
			t.Errorf("%d of %d digits are %d", c, n, k)
		}
	}
	if border > n/10 {
		t.Errorf("%d pixels of ink at the border in %d digits", border, n)
	}
}

// The classes can be told apart: the nearest mean of a class is mostly that of the digit's own.
func TestClassesDiffer(t *testing.T) {
	const n = 4000
	var mean [10][Side * Side]float64
	x := make([]float32, Side*Side)
	for i := range n {
		k, _ := New(1, n).Image(x, i)
		for p, v := range x {
			mean[k][p] += float64(v+1) / (n / 10)
		}
	}
	right := 0
	for i := range 500 {
		class, _ := New(2, 500).Image(x, i)
		best, nearest := math.Inf(1), -1
		for k := range mean {
			d := 0.0
			for p, v := range x {
				d += (float64(v+1) - mean[k][p]) * (float64(v+1) - mean[k][p])
			}
			if d < best {
				best, nearest = d, k
			}
		}
		if nearest == class {
			right++
		}
	}
	if right < 350 {
		t.Errorf("the nearest mean is right for %d of 500", right)
	}
}

// Equal bits on every machine: a sum of the first digits' bits.
func TestBits(t *testing.T) {
	x, sum := make([]float32, Side*Side), uint64(0)
	for i := range 100 {
		New(1, 100).Image(x, i)
		for _, v := range x {
			sum = sum*1099511628211 ^ uint64(math.Float32bits(v))
		}
	}
	if want := uint64(0xf8ac40325afa514b); sum != want {
		t.Errorf("the digits' hash is %#x, want %#x", sum, want)
	}
}

func BenchmarkImage(b *testing.B) {
	x := make([]float32, Side*Side)
	for i := range b.N {
		New(1, 1<<30).Image(x, i)
	}
}
