package plot

import (
	"image/png"
	"math"
	"os"
	"path/filepath"
	"testing"
)

// The plot is a picture of some size, with the two lines' colours in it.
func TestWrite(t *testing.T) {
	var steps, losses []float64
	for i := 1; i <= 200; i++ {
		steps = append(steps, float64(10*i))
		losses = append(losses, 0.05+math.Exp(-float64(i)/20)*(1+0.2*math.Sin(float64(7*i))))
	}
	path := filepath.Join(t.TempDir(), "loss.png")
	if err := Write(path, steps, losses); err != nil {
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
		t.Errorf("%d pixels of the faint line, %d of the strong one", faint, strong)
	}
}

func TestSmooth(t *testing.T) {
	z := smooth([]float64{4, 4, 4, 4})
	for _, v := range z {
		if math.Abs(v-4) > 1e-12 {
			t.Errorf("the mean of a constant is %v", z)
		}
	}
}
