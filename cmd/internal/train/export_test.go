package train

import (
	"os"
	"strings"
	"testing"

	"spdiff/cmd/internal/cli/clitest"
)

// What writes a model does nothing else: flags that ask for more are usage errors, and nothing is written.
func TestExportAlone(t *testing.T) {
	clitest.NeedsSIMD(t)
	t.Chdir(t.TempDir())
	pictures(t, "pictures", 3, 1)
	does(t, "", with(tiny, "-data", "pictures", "-out", "a", "-steps", "10")...)
	want := map[string]string{}
	for _, more := range []string{"-n", "-check", "-steps 20", "-minutes 1", "-samples 4", "-data pictures", "-new-data", "-keep 1", "-fall 0.1", "-evaluate 2", "-guidance 1"} {
		want["-resume a -model m.safetensors "+more] = "leave " + strings.Fields(more)[0] + " out"
	}
	clitest.BadFlags(t, Run, want)
	if _, err := os.Stat("m.safetensors"); err == nil {
		t.Error("a model is written")
	}
	does(t, "", "-resume", "a", "-model", "m.safetensors", "-threads", "1")
	if _, err := os.Stat("m.safetensors"); err != nil {
		t.Error(err)
	}
}

// A model takes the place of no state, whatever that is called, and gets no state's name.
func TestExportLeavesStates(t *testing.T) {
	clitest.NeedsSIMD(t)
	t.Chdir(t.TempDir())
	pictures(t, "pictures", 3, 1)
	does(t, "", with(tiny, "-data", "pictures", "-out", "a", "-steps", "10", "-average", "0.9,0.5")...)
	os.WriteFile("copy.safetensors", []byte(text(t, "a/state-000000010.safetensors")), 0o644)
	before := listing(t, ".")
	want := map[string]string{}
	for _, to := range []string{"a/state-000000010.safetensors", "a/state-20.safetensors", "copy.safetensors"} {
		want["-resume a -model "+to] = to + " is a state"
	}
	clitest.BadFlags(t, Run, want)
	if after := listing(t, "."); after != before {
		t.Errorf("there was\n%sand is\n%s", before, after)
	}
	clitest.BadFlags(t, Run, map[string]string{"-resume a -model a/state.safetensors": "a/state-2.safetensors is a state"}) // of the second mean
}

// A model that cannot be written is an error of its place: no state is called damaged. For one that is, the state before is taken.
func TestExportFallsBack(t *testing.T) {
	clitest.NeedsSIMD(t)
	t.Chdir(t.TempDir())
	pictures(t, "pictures", 3, 1)
	does(t, "", with(tiny, "-data", "pictures", "-out", "a", "-steps", "10")...)
	said := clitest.Captured(t, func() { does(t, "nowhere", "-resume", "a", "-model", "nowhere/m.safetensors") })
	if said != "" {
		t.Errorf("no folder for the model: it says %q", said)
	}
	if err := os.Truncate("a/state-000000010.safetensors", 1000); err != nil {
		t.Fatal(err)
	}
	said = clitest.Captured(t, func() { does(t, "", "-resume", "a", "-model", "m.safetensors") })
	if !strings.Contains(said, "damaged: ") || !strings.Contains(said, "state-000000000") {
		t.Errorf("a damaged state: it says %q", said)
	}
}
