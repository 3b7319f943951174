package plot

import (
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The plot is a picture of some size, with the two lines' colours in it; where its axis is linear of losses below 0 too.
func TestWrite(t *testing.T) {
	var steps, losses []float64
	for i := 1; i <= 200; i++ {
		steps = append(steps, float64(10*i))
		losses = append(losses, 0.05+math.Exp(-float64(i)/20)*(1+0.2*math.Sin(float64(7*i))))
	}
	checkLines(t, Axis{Label: "y"}, steps, losses)
	for i := range losses {
		losses[i] -= 0.5
	}
	checkLines(t, Axis{Label: "y", Linear: true}, steps, losses)
}

// checkLines draws losses, and fails unless both lines are there.
func checkLines(t *testing.T, axis Axis, steps, losses []float64) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "loss.png")
	if err := Write(path, axis, steps, losses); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	pic, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	faint, strong := 0, 0
	for y := range pic.Bounds().Dy() {
		for x := range pic.Bounds().Dx() {
			switch r, g, b, _ := pic.At(x, y).RGBA(); [3]uint32{r >> 8, g >> 8, b >> 8} {
			case [3]uint32{150, 180, 215}:
				faint++
			case [3]uint32{20, 70, 140}:
				strong++
			}
		}
	}
	if faint < 100 || strong < 400 {
		t.Errorf("%+v: %d pixels of the faint line, %d of the strong one", axis, faint, strong)
	}
}

// Ticks are at 1, 2 and 5 times powers of ten, in figures that a person reads.
func TestTicks(t *testing.T) {
	var labels []string
	for _, tick := range logTicks(0.02, 60000) {
		if tick.Label != "" {
			labels = append(labels, tick.Label)
		}
	}
	if got, want := strings.Join(labels, " "), "0.01 0.02 0.05 0.1 0.2 0.5 1 2 5 10 20 50 100 200 500 1000 2000 5000 10000 20000 50000 100000 200000 500000"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// The mean of a constant is the constant. Of what steps up from 0 to 1 it follows within about a tenth of what came before, and within
// a hundred at most: the first 1 moves it little, and after some more it is near.
func TestSmooth(t *testing.T) {
	z := smooth([]float64{4, 4, 4, 4})
	for _, v := range z {
		if math.Abs(v-4) > 1e-12 {
			t.Errorf("the mean of a constant is %v", z)
		}
	}
	for _, c := range []struct{ before, more int }{{200, 40}, {5000, 100}} {
		z := smooth(append(make([]float64, c.before), slices.Repeat([]float64{1}, c.more)...))
		if first, last := z[c.before], z[len(z)-1]; z[c.before-1] != 0 || first <= 0 || first > 0.1 || last < 0.7 || last > 1 {
			t.Errorf("after %d zeros and a step to 1 the mean is %v, and after %d ones %v", c.before, first, c.more, last)
		}
	}
}

// Of a long line the lowest and the highest of each stretch are left, in their order, and both ends; a short one is left whole.
func TestExtremes(t *testing.T) {
	const n = 100_000
	x, y := make([]float64, n), make([]float64, n)
	for i := range x {
		x[i], y[i] = float64(i), 2+math.Sin(float64(i))
	}
	y[3], y[n/3], y[n/2] = 50, 100, -100
	points := extremes(x, y)
	if len(points) > 2*most+2 || points[0].X != 0 || points[len(points)-1].X != n-1 {
		t.Errorf("%d points, from %v to %v", len(points), points[0], points[len(points)-1])
	}
	early, high, low, last := false, false, false, -1.0
	for _, p := range points {
		early, high, low = early || p.Y == 50 && p.X == 3, high || p.Y == 100 && p.X == n/3, low || p.Y == -100 && p.X == n/2
		if p.X < last {
			t.Fatalf("%v comes after step %v", p, last)
		}
		last = p.X
	}
	if !early || !high || !low {
		t.Errorf("the highest of the first stretch is there: %v, the highest of all: %v, the lowest: %v", early, high, low)
	}
	if got := extremes(x[:2*most], y); len(got) != 2*most {
		t.Errorf("%d of %d points", len(got), 2*most)
	}
}

// What a plot of a long training takes: it must not grow with its length.
func BenchmarkWrite(b *testing.B) {
	x, y := make([]float64, 100_000), make([]float64, 100_000)
	for i := range x {
		x[i], y[i] = float64(10*i), 2+math.Sin(float64(i))
	}
	path := filepath.Join(b.TempDir(), "loss.png")
	for b.Loop() {
		if err := Write(path, Axis{Label: "y"}, x, y); err != nil {
			b.Fatal(err)
		}
	}
}
