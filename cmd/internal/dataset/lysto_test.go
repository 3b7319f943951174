package dataset

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"spdiff/cmd/internal/lysto"
)

const lystoFile = "../lysto/testdata/lysto.h5"

// LYSTO's file is recognised by its beginning, has squares of 64 pixels where none are said, is whole, and its classes are the organs.
func TestLYSTO(t *testing.T) {
	for arg, options := range map[string]lysto.Options{lystoFile: {}, "lysto:" + lystoFile + "?size=32&seed=5": {Size: 32, Seed: 5}} {
		s, err := Open(t.Context(), arg)
		if err != nil {
			t.Fatal(err)
		}
		want, err := lysto.Open(lystoFile, options)
		if err != nil {
			t.Fatal(err)
		}
		defer want.Close()
		h, w, c := s.Shape()
		got, wanted := make([]float32, h*w*c), make([]float32, h*w*c)
		counts := make([]int, 3)
		for i := range want.Len() {
			k, err := s.Image(got, i)
			class, _ := want.Image(wanted, i)
			if err != nil || k != class || !slices.Equal(got, wanted) {
				t.Errorf("%s: image %d is another, of class %d: %v", arg, i, k, err)
			}
			counts[k]++
		}
		if n := perClass(s, s.Len()); s.Len() != want.Len() || !slices.Equal(append(n, 0, 0, 0)[:3], counts) || !slices.Equal(ClassNames(s), lysto.Organs) {
			t.Errorf("%s: %d images, %v, %v", arg, s.Len(), n, ClassNames(s))
		}
		if wrong, err := Check(context.Background(), s, nil); err != nil || wrong != nil {
			t.Errorf("%s: %v, %v", arg, wrong, err)
		}
	}
	if _, err := Open(t.Context(), "lysto:"+lystoFile+"?size=32x64"); err == nil || !strings.Contains(err.Error(), "squares") {
		t.Errorf("oblong squares: %v", err)
	}
	if _, err := Open(t.Context(), "lysto:"+filepath.Join(t.TempDir(), "x.h5")); err == nil {
		t.Error("a file that is not there is opened")
	}
}
