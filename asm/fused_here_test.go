//go:build amd64.v3 || arm64

package asm

import "testing"

// TestFuses: here the compiler has fused until now. Where it no longer does, plain Go is some thirty times slower, and the
// loops want another form.
func TestFuses(t *testing.T) {
	if !fused {
		t.Errorf("not fused: tile %v, outer %v, FMA %v", tileProbe(), outerProbe(), fmaProbe())
	}
}
