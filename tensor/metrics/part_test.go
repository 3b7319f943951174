package metrics

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"spdiff/tensor"
	"spdiff/tensor/npy"
)

// Parts that were saved and read, each in a process of its own as it were, make the bits of one run.
func TestPartsByFile(t *testing.T) {
	x, dir := normal(20, 1300, 6), t.TempDir()
	want := statisticsOf(t, momentsOf(t, x, 1300))
	var parts []*Moments
	for p := range 2 {
		m := NewMoments("test", 6, 0, p, 2)
		if err := m.Add(tensor.From(x.Data()[p*650*6:(p+1)*650*6], 650, 6)); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, "part.npz")
		if err := m.Save(path); err != nil {
			t.Fatal(err)
		}
		got, err := LoadMoments(path)
		if err != nil {
			t.Fatal(err)
		}
		if in, of := got.Parts(); !slices.Equal(in, []int{p}) || of != 2 || got.Images() != 650 || got.Feature() != "test" || got.Dim() != 6 {
			t.Errorf("%+v", got.about)
		}
		parts = append(parts, got)
	}
	all, err := Merge(parts...)
	if err != nil || !sameBits(want, statisticsOf(t, all)) {
		t.Error("other bits", err)
	}
}

// Every byte of a file that is changed is either seen or leaves the moments as they are; a file cut short is seen.
func TestDamagedPart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "part.npz")
	m := momentsOf(t, normal(21, 30, 3), 30)
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range file {
		b := bytes.Clone(file)
		b[i] ^= 0x41
		os.WriteFile(path, b, 0o644)
		if got, err := LoadMoments(path); err == nil && got.seal() != m.seal() {
			t.Fatalf("byte %d is changed and so are the moments", i)
		}
	}
	os.WriteFile(path, file[:len(file)-1], 0o644)
	if _, err := LoadMoments(path); err == nil {
		t.Error("a file cut short is read")
	}
}

// Products whose bytes an int does not count, as on 32 bits (GOARCH=386 go test), are refused; the most that it does are not.
func TestManyFeatures(t *testing.T) {
	for dim, counted := range map[int]bool{16383: true, 16384: strconv.IntSize > 32, 46341: strconv.IntSize > 32, 1 << 16: strconv.IntSize > 32} {
		err := (&identity{Dim: dim, Of: 1, Parts: []int{0}}).check()
		if (err == nil) != counted || err != nil && !strings.Contains(err.Error(), "64 bits") {
			t.Errorf("%d features: %v", dim, err)
		}
	}
}

// What a file claims is checked before memory is taken for it.
func TestImpossibleParts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "part.npz")
	for _, a := range []identity{
		{Dim: math.MaxInt, Of: 1, Parts: []int{0}}, {Dim: 2, Of: 1, Parts: []int{1}}, {Dim: 2, Of: 2, Parts: []int{1, 0}},
		{Dim: 2, Of: 2, Parts: []int{0, 0}}, {Dim: 2, Of: 1}, {Dim: 2, Of: 1, Parts: []int{0}, Images: -1}, {Dim: 2, Of: 1, Parts: []int{0}, Grid: 1000},
		{Dim: 50000, Of: 1, Parts: []int{0}},
	} {
		text, _ := json.Marshal(about{identity: a})
		numbers := npy.Exact[int64]{Shape: tensor.Shape{2}, Data: make([]int64, 2)}
		err := npy.WriteExact(path, map[string]npy.Member{"about": npy.Exact[uint8]{Shape: tensor.Shape{len(text)}, Data: text},
			"sums": numbers, "high": numbers, "low": npy.Exact[uint64]{Shape: tensor.Shape{2}, Data: make([]uint64, 2)}})
		if err != nil {
			t.Fatal(err)
		}
		var e *ShapeError
		if _, err := LoadMoments(path); !errors.As(err, &e) {
			t.Errorf("%+v: %v", a, err)
		}
	}
}
