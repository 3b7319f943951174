package main

import (
	"strings"
	"testing"

	"spdiff/cmd/internal/evaluation"
)

// Inv-FID that has features of its own is named by them, and that of older records, which is of others, does not stand beside it.
func TestInverse(t *testing.T) {
	all := invented()
	v := 3.5
	for i, r := range all {
		if r.Model == "plain" {
			all[i].Quality.InvFD, all[i].Quality.InvFeatures = &v, "digits-oriented/1115aa28"
		}
	}
	r := results{parsed(t, "rotmnist"), all}
	text := r.quality()
	for _, want := range []string{"Inv-FD-digits-oriented, Δx₀ and", "is of features digits-oriented/1115aa28, which turn", "| Inv-FD-digits-oriented | paper's Inv-FID |", "| 3.50 | 2.21 |", "| – | 2.2 |"} {
		if !strings.Contains(text, want) {
			t.Errorf("there is no %q:\n%s", want, text)
		}
	}
	if lines := r.numbers(); !strings.Contains(lines, ",3.5,") || !strings.Contains(lines, ",digits-oriented/1115aa28\n") {
		t.Errorf("%s", lines)
	}
}

// What -n says of a measure has the features of turned copies that Inv-FID has of its own; a point of a curve has no Inv-FID.
func TestInverting(t *testing.T) {
	network, err := evaluation.Open("digits")
	if err != nil {
		t.Fatal(err)
	}
	l := &lab{options: parsed(t, "rotmnist -samples 100 -evaluations 10 -restore 0 -curve-samples 50"), network: network, look: 7}
	for m, want := range map[measure]int{l.whole(): 3*100*10 + 5*7*100, l.point(1): 3*50*10 + 7*50} {
		if got := nanoseconds(l.measuring(cost{draw: 3}, m, 1)); int(got) != want {
			t.Errorf("%s: %d, want %d", m.name, got, want)
		}
	}
}
