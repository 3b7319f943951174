package asm

import (
	"slices"
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

// What the processor has and is not available is not in both lists, and who asks for it is told why.
func TestRefused(t *testing.T) {
	for _, r := range Refused() {
		t.Logf("%s: %s", r.ISA, r.Why)
		if slices.Contains(Available(), r.ISA) || r.Why == "" {
			t.Errorf("%s is refused (%q), and there are %v", r.ISA, r.Why, Available())
		}
	}
	defer SetISA(ISA())
	defer func(was []Refusal) { refused = was }(refused)
	refused = []Refusal{{"abacus", "its beads stick"}}
	if err := choose("abacus"); err == nil || !strings.Contains(err.Error(), `"abacus" here (its beads stick); there are`) {
		t.Errorf("%v does not say why there is none", err)
	}
	Refused()[0].Why = "another"
	if refused[0].Why != "its beads stick" {
		t.Error("a caller can change what is refused")
	}
}
