package nn

import (
	"hash/fnv"
	"math"
	"testing"

	"spdiff/tensor"
	"spdiff/tensor/safetensors"
)

// readGolden reads a file of testdata, made by testdata/make_unet_golden.py, which says what is in it.
func readGolden(t testing.TB, name string) (map[string]*tensor.Tensor, map[string]string) {
	t.Helper()
	f, err := safetensors.Read("../testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	tensors := map[string]*tensor.Tensor{}
	for _, v := range f.Tensors {
		tensors[v.Name] = v.Value
	}
	return tensors, f.Metadata
}

// noise is the script's function of that name: numbers that both sides know.
func noise(name string, index int) float32 { return newNoise(name)(index) }

// newNoise returns the numbers of one name.
func newNoise(name string) func(index int) float32 {
	h := fnv.New64a()
	h.Write([]byte(name))
	start := h.Sum64()
	return func(index int) float32 {
		z := (uint64(index) + start) * 0x9E3779B97F4A7C15
		z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
		z = (z ^ z>>27) * 0x94D049BB133111EB
		z ^= z >> 31
		return float32(int64(z>>40)-1<<23) / (1 << 23)
	}
}

// differs returns the first index where x and y differ in a bit, or −1.
func differs(x, y []float32) int {
	if len(x) != len(y) {
		return min(len(x), len(y))
	}
	for i := range x {
		if math.Float32bits(x[i]) != math.Float32bits(y[i]) {
			return i
		}
	}
	return -1
}
