package metrics

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"spdiff/tensor"
	"spdiff/tensor/npy"
)

// golden returns what numpy, scipy and skimage gave; see testdata/make_golden.py.
func golden(t *testing.T) (float32s map[string]*tensor.Tensor, float64s func(name string) []float64) {
	t.Helper()
	arrays, err := npy.ReadArchive("testdata/golden.npz")
	if err != nil {
		t.Fatal(err)
	}
	f, err := npy.Open("testdata/golden.npz")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return arrays, func(name string) []float64 {
		e, err := member[float64](f, name)
		if err != nil {
			t.Fatal(err)
		}
		return e.Data
	}
}

// near reports whether a and b agree to a share of the larger.
func near(a, b, share float64) bool {
	return a == b || math.Abs(a-b) <= share*max(math.Abs(a), math.Abs(b))
}

// Distances of features are scipy's, to 1e-9.
func TestFeaturesAgainstScipy(t *testing.T) {
	arrays, exact := golden(t)
	for i := range 3 {
		a, b := arrays[fmt.Sprint("a", i)], arrays[fmt.Sprint("b", i)]
		want := exact(fmt.Sprint("distances", i))
		f, err := Distance(statisticsOf(t, momentsOf(t, a, 50)), statisticsOf(t, momentsOf(t, b, 50)))
		if err != nil || !near(f.Distance, want[0], 1e-9) || len(f.Deficient) != 0 {
			t.Errorf("Fréchet distance %d: %v, %v; scipy has %v", i, f, err, want[0])
		}
		m, err := PrecisionRecall(a, b, 0)
		if err != nil || m.Precision != want[2] || m.Recall != want[3] {
			t.Errorf("precision and recall %d: %v, %v; numpy has %v", i, m, err, want[2:])
		}
		x, y := slices.Collect(slices.Chunk(a.Data(), a.Shape()[1])), slices.Collect(slices.Chunk(b.Data(), a.Shape()[1]))
		if got := discrepancy(x, y); !near(got, want[1], 1e-9) {
			t.Errorf("kernel distance %d: %v; numpy has %v", i, got, want[1])
		}
	}
}

// Statistics are numpy's, and interchange with pytorch-fid's files.
func TestStatisticsAgainstNumpy(t *testing.T) {
	arrays, exact := golden(t)
	got := statisticsOf(t, momentsOf(t, arrays["a1"], 77))
	file, err := LoadStatistics("testdata/pytorch_fid.npz")
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(file.Mean, exact("mu")) || !slices.Equal(file.Covariance, exact("sigma")) || file.Images != 0 {
		t.Error("a file of pytorch-fid is not read to the bit")
	}
	for i, v := range slices.Concat(got.Mean, got.Covariance) {
		if want := slices.Concat(file.Mean, file.Covariance)[i]; math.Abs(v-want) > 1e-8 {
			t.Errorf("number %d is %v, numpy has %v", i, v, want)
		}
	}
	if f, err := Distance(got, file); err != nil || f.Distance > 1e-9 {
		t.Errorf("the same statistics, by numpy and here, are %v apart, %v", f.Distance, err)
	}
}

// MSE, PSNR and SSIM are skimage's.
func TestSimilarityAgainstSkimage(t *testing.T) {
	arrays, exact := golden(t)
	x, y, want := arrays["images"].At(0), arrays["images"].At(1), exact("similarity")
	for k, f := range []func() ([]float64, error){
		func() ([]float64, error) { return MSE(x, y) },
		func() ([]float64, error) { return PSNR(x, y, 255) },
		func() ([]float64, error) { return SSIM{Span: 255}.Of(x, y) },
		func() ([]float64, error) { return SSIM{Span: 255, Gaussian: true}.Of(x, y) },
		func() ([]float64, error) { return SSIM{Span: 255, Gaussian: true, Population: true}.Of(x, y) },
	} {
		got, err := f()
		if err != nil || len(got) != 3 {
			t.Fatal(got, err)
		}
		for i, v := range got {
			if w := want[i*5+k]; !near(v, w, 1e-9) {
				t.Errorf("measure %d of image %d is %v, skimage has %v", k, i, v, w)
			}
		}
	}
}
