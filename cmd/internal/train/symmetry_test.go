package train

import (
	"strings"
	"testing"

	"spdiff/cmd/internal/cli/clitest"
	"spdiff/cmd/internal/digits"
)

// A network with more symmetry than was asked for is told of, by a run and by -n; one that keeps to its group is not.
func TestMoreSymmetryIsTold(t *testing.T) {
	clitest.NeedsSIMD(t)
	t.Chdir(t.TempDir())
	pictures(t, "pictures", 3, 1)
	for _, c := range []struct {
		more string
		told bool
	}{{"-n", true}, {"-out a", true}, {"-n -kernel 5", false}, {"-out b -kernel 5", false}} {
		args := with(with(tiny, "-data", "pictures", "-steps", "1"), strings.Fields(c.more)...)
		said := clitest.Captured(t, func() { does(t, "", args...) })
		if told := strings.Contains(said, "\nwarning: kernels of 3×3 taps make a network over C4 commute with all of D4"); told != c.told {
			t.Errorf("%v: the warning is there: %v\n%s", args, told, said)
		}
	}
}

// What is warned of are kernels that are tied over a group and too small to tell it from a larger one, with flags that mend it.
func TestWarning(t *testing.T) {
	for args, want := range map[string]string{
		"-method wt -kernel 3":           "-kernel 5 or -taps pinwheel keep to C4",
		"-method wt -kernel 1":           "-kernel 5 keeps to C4",
		"-method gc -kernel 1":           "commute with all of D4",
		"-method wt":                     "", // a pinwheel
		"-method wt -kernel 5":           "",
		"-method wt -kernel 3 -group D4": "",
		"-method plain":                  "",
		"-method gc":                     "",
		"-gan spgan":                     "",
	} {
		got, err := Warning(strings.Fields(args), digits.New(1, 10))
		if err != nil || (got == "") != (want == "") || !strings.Contains(got, want) {
			t.Errorf("%s: %q, %v; want %q", args, got, err, want)
		}
	}
}
