package cli

import (
	"bytes"
	"strings"
	"testing"

	"spdiff"
)

// The model that -version trains has the same bits on every machine and in every build. A change of DefaultConfig("digits-s"), or of
// what a training is, changes the hash: then, and if all builds agree, it is to be replaced.
func TestWitness(t *testing.T) {
	var w bytes.Buffer
	if err := printVersion(&w, "probe"); err != nil {
		t.Error(err)
	}
	for _, want := range []string{"probe of spdiff " + spdiff.Version, witness} {
		if !strings.Contains(w.String(), want) {
			t.Errorf("%q is not in %q", want, w.String())
		}
	}
}
