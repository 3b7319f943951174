package train

import (
	"os"
	"strings"
	"testing"

	"spdiff/cmd/internal/cli/clitest"
)

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
