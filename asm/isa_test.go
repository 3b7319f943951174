package asm

import (
	"strings"
	"testing"
)

// The instruction set that these tests were asked to use is in use.
func TestISAOfTheEnvironment(t *testing.T) {
	if err := ISAError(); err != nil {
		t.Error(err)
	}
}

// A name that stands for nothing leaves the best instruction set, and the error lists all.
func TestChoose(t *testing.T) {
	defer SetISA(ISA())
	for _, isa := range Available() {
		if err := choose(isa); err != nil || ISA() != isa {
			t.Errorf("%s: %s is in use (%v)", isa, ISA(), err)
		}
	}
	if err := choose("pairs"); err == nil {
		t.Error("the form that is for tests can be named by users")
	}
	err := choose("abacus")
	if err == nil || ISA() != Available()[0] {
		t.Fatalf("%s is in use (%v), want %s and an error", ISA(), err, Available()[0])
	}
	for _, isa := range append(Available(), `"abacus"`, "SPDIFF_ISA") {
		if !strings.Contains(err.Error(), isa) {
			t.Errorf("%q does not name %s", err, isa)
		}
	}
	if err := choose(""); err != nil || ISA() != Available()[0] {
		t.Errorf("%s is in use (%v)", ISA(), err)
	}
}
