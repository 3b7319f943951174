package peak_test

import (
	"testing"

	"spdiff/cmd/internal/peak"
)

// The peak grows by what is touched.
func TestMemory(t *testing.T) {
	before := peak.Memory()
	const size = 256 << 20
	x := make([]byte, size)
	for i := 0; i < len(x); i += 4096 {
		x[i] = 1
	}
	if after := peak.Memory(); before < 1<<20 || after < size || after < before {
		t.Errorf("%d bytes before, %d after %d more were touched (%d)", before, after, size, x[size-1])
	}
}
