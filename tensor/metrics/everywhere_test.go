package metrics

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"strings"
	"testing"

	"spdiff/tensor"
)

// sealOf returns the beginning of a hash of all bits.
func sealOf(parts ...[]float64) string {
	h := sha256.New()
	for _, p := range parts {
		for _, v := range p {
			put(h, math.Float64bits(v))
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// All measures have these bits on every machine: amd64 with assembly and without, with GOAMD64=v3, and arm64. Fréchet distances
// are among them, of full rank and not, for they are rounded; the roots, on which they rest, without rounding.
func TestSameBitsOnEveryMachine(t *testing.T) {
	got := map[string]string{}
	var distances, roots []float64
	for _, c := range [][3]int{{400, 300, 24}, {40, 300, 64}, {30, 20, 128}, {1500, 1100, 96}} {
		a := statisticsOf(t, momentsOf(t, normal(13, c[0], c[2]), 100))
		b := statisticsOf(t, momentsOf(t, normal(14, c[1], c[2]), 100))
		distances = append(distances, distance(t, a, b))
		roots = append(append(roots, factorise(a).r...), factorise(b).r...)
		if c[0] == 400 {
			got["statistics"] = sealOf(a.Mean, a.Covariance)
		}
	}
	got["distances"], got["roots"] = sealOf(distances), sealOf(roots)
	x, y := normal(60, 90, 11), normal(61, 80, 11)
	k, err := Kernel{Subsets: 5, Size: 30}.Distance(x, y)
	if err != nil {
		t.Fatal(err)
	}
	m, _ := PrecisionRecall(x, y, 0)
	var near []float64
	all, _ := Nearest(x, y, 3, Orbit{})
	for _, row := range all {
		for _, v := range row {
			near = append(near, float64(v.Index), v.Distance)
		}
	}
	p, _ := Proportions([]int64{1, 2, 3})
	j, _ := JackknifeOf(1.1, []float64{1.3, 1.7, 0.3, 0.9})
	got["features"] = sealOf([]float64{k.Mean, k.Error, m.Precision, m.Recall, j.Corrected, j.Error, p[0].Low, p[0].High, p[1].Low}, near)
	got["images"] = sealOf(imageMeasures(t)...)
	for name, want := range everywhere {
		if got[name] != want {
			t.Errorf("%s: %s, want %s", name, got[name], want)
		}
	}
	if t.Failed() {
		t.Log(strings.ReplaceAll(fmt.Sprintf("%#v", got), ",", ",\n"), distances)
	}
}

func imageMeasures(t *testing.T) (all [][]float64) {
	x, y := tensor.New(3, 15, 14, 2), tensor.New(3, 15, 14, 2)
	tensor.NewStream(62, 0).Uniform(x.Data(), 0)
	tensor.NewStream(63, 0).Uniform(y.Data(), 0)
	for _, f := range []func() ([]float64, error){
		func() ([]float64, error) { return MSE(x, y) },
		func() ([]float64, error) { return PSNR(x, y, 1) },
		func() ([]float64, error) { return SSIM{Span: 1}.Of(x, y) },
		func() ([]float64, error) { return SSIM{Span: 1, Gaussian: true}.Of(x, y) },
	} {
		z, err := f()
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, z)
	}
	return all
}

var everywhere = map[string]string{
	"distances":  "e6449f9b1cdd6f2e",
	"features":   "0ecc10d95484e2f4",
	"images":     "851d226233542f06",
	"roots":      "575c774c4d9dc7ac",
	"statistics": "a8e2707df96e0e2c",
}
