package train

import (
	"context"
	"errors"
	"os"
	"regexp"
	"strings"
	"testing"

	"spdiff/cmd/internal/grid"
)

// The error of settings that do not fit names flags, and these flags are all that is needed.
func TestRemediesWork(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := errors.Join(os.Mkdir("p30", 0o755), grid.WriteSingle("p30/1.png", make([]float32, 30*30), 30, 30, 1)); err != nil {
		t.Fatal(err)
	}
	for args, want := range map[string]string{
		"-width 20 -method wt":                "20 channels are no multiple of 32 groups; with -width 32 it works",
		"-width 0 -method wt":                 "with -width 32 it works",
		"-width 36 -method gc -group D4":      "with -width 40 it works",
		"-mult 1,2":                           "with -attention 2 it works",
		"-mult 1,2 -attention 4,1":            "with -attention 1 it works",
		"-attention 3":                        "with -attention 4 it works",
		"-mult 1,0,2":                         "with -mult 1,1,2 it works",
		"-mult 1,2,2,2,2 -attention 2":        "with -mult 1,2,2 it works",
		"-kernel 4":                           "with -kernel 3 it works",
		"-kernel 4 -width 33":                 "with -kernel 3 -width 32 it works",
		"-preset cells -mult 1,2":             "with -attention 2 it works",
		"-attention 8,16":                     "with -attention 4 it works",
		"-blocks 0":                           "with -blocks 1 it works",
		"-dropout 2":                          "with -dropout 0.9 it works",
		"-batch 0":                            "with -batch 1 it works",
		"-lr 0":                               "with -lr 0.002 it works",
		"-decay 10":                           "with -decay 101 it works",
		"-decay 500 -floor 2":                 "with -floor 1 it works",
		"-average 0.9,1":                      "with -average 0.9,0.999999 it works",
		"-penalty 3":                          "with -penalty 0 it works",
		"-drop-class 0.1":                     "with -drop-class 0 it works",
		"-drop-class 3 -classes 10":           "with -drop-class 0.1 it works",
		"-augmentation 7":                     "with -augmentation 0.12 it works",
		"-data p30":                           "with -data 'p30?size=32', or with -mult 1,2 -attention 2 it works",
		"-data p30?channels=3&size=27":        "with -data 'p30?size=28&channels=3', or with -mult 1 -attention 1 it works",
		"-data p30?size=30x20":                "use a square grid, or one of C1, H, V, C2, D2; with -group D2 -mult 1,2 -attention 2 it works",
		"-data p30 -gan spgan":                "with -data 'p30?size=32' it works",
		"-data crops:p30?size=10&n=7 -mult 1": "with -attention 1 it works",
	} {
		err := tryFlags(t, strings.Fields(args))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v; want %q", args, err, want)
			continue
		}
		for _, way := range strings.Split(regexp.MustCompile(`with (-.*) it works`).FindStringSubmatch(err.Error())[1], ", or with ") {
			if err := tryFlags(t, append(strings.Fields(args), strings.Fields(strings.ReplaceAll(way, "'", ""))...)); err != nil {
				t.Errorf("%s, and %s as it says: %v", args, way, err)
			}
		}
	}
}

// tryFlags returns the error of the configuration that flags describe.
func tryFlags(t *testing.T, args []string) error {
	t.Helper()
	o, err := parse(args)
	if err != nil {
		t.Fatal(err)
	}
	r := newRun(o)
	r.spec.Data = o.data
	if err := r.openImages(context.Background()); err != nil {
		t.Fatal(err)
	}
	h, w, c := r.source.Shape()
	if _, err := o.configured(h, w, c); err != nil {
		return r.remedied(o, err)
	}
	return nil
}
