package npy

import (
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"spdiff/tensor"
)

// read returns an array of an archive, of its own type.
func read[T float64 | int64 | uint64 | uint8](t *testing.T, path, name string) []T {
	t.Helper()
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	e, err := ReadExact[T](f.Array(name))
	if err != nil {
		t.Fatal(err)
	}
	return e.Data
}

// Numbers that float32 cannot hold come back with all their bits, also where an array is longer than one piece.
func TestExactReturns(t *testing.T) {
	path := filepath.Join(t.TempDir(), "exact.npz")
	floats := []float64{math.Pi, -1e300, 5e-324, math.MaxFloat64}
	signed := []int64{math.MinInt64, -1, math.MaxInt64, 1<<53 + 1}
	long := make([]uint64, 1<<14+3)
	for i := range long {
		long[i] = math.MaxUint64 - uint64(i)
	}
	err := WriteExact(path, map[string]Member{
		"f": Exact[float64]{tensor.Shape{2, 2}, floats}, "i": Exact[int64]{tensor.Shape{4}, signed},
		"u": Exact[uint64]{tensor.Shape{len(long)}, long}, "b": Exact[uint8]{tensor.Shape{5}, []byte("bytes")},
	})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(read[float64](t, path, "f"), floats) || !slices.Equal(read[int64](t, path, "i"), signed) ||
		!slices.Equal(read[uint64](t, path, "u"), long) || string(read[uint8](t, path, "b")) != "bytes" {
		t.Error("not what was written")
	}
}

func TestExactErrors(t *testing.T) {
	path := filepath.Join(t.TempDir(), "exact.npz")
	if err := WriteExact(path, map[string]Member{"f": Exact[float64]{tensor.Shape{3}, []float64{1}}}); err == nil || !strings.Contains(err.Error(), "has 3 numbers, not 1") {
		t.Error(err)
	}
	if err := WriteExact(path, map[string]Member{"f": Exact[float64]{tensor.Shape{1}, []float64{1}}}); err != nil {
		t.Fatal(err)
	}
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := ReadExact[int64](f.Array("f")); err == nil || !strings.Contains(err.Error(), `"<f8"; "<i8" is wanted`) {
		t.Error(err)
	}
}
