package main

import (
	"fmt"
	"strings"
	"testing"

	"spdiff/cmd/internal/cli/clitest"
	"spdiff/cmd/internal/digits"
	"spdiff/group"
	"spdiff/tensor"
)

// orbits returns n digits, all upright, and all of them in each of the four orientations, as files.
func orbits(t *testing.T, n int) (upright, turned string) {
	t.Helper()
	one, four := tensor.New(n, 28, 28, 1), tensor.New(4*n, 28, 28, 1)
	for i := range n {
		if _, err := digits.New(1, n).Image(one.At(i).Data(), i); err != nil {
			t.Fatal(err)
		}
		for a := range 4 {
			group.C4.Act(four.At(4*i+a).Data(), one.At(i).Data(), a, 1, 28, 28, 1)
		}
	}
	return written(t, map[string]*tensor.Tensor{"images": one}), written(t, map[string]*tensor.Tensor{"images": four})
}

// Inv-FID of digits is of oriented features, by whatever name: digits that all stand upright are far from themselves turned, and those in
// all orientations alike at exactly 0, which is nothing to warn of.
func TestInverse(t *testing.T) {
	upright, turned := orbits(t, 24)
	inverse := func(images string, more ...string) map[string]any {
		t.Helper()
		return measured(t, append([]string{"-samples", images, "-reference", upright, "-group", "C4", "-measure", "inv_fd"}, more...)...)
	}
	up, own := inverse(upright), inverse(upright, "-features", "digits-oriented")
	if up["inv_fd"].(float64) < 1 || up["inv_fd"] != own["inv_fd"] || up["inv_features"] != own["features"] || up["features"] != "digits/1115aa28" {
		t.Errorf("by digits %v\nby digits-oriented %v", up, own)
	}
	if up["spread"] != nil || own["spread"] == nil || own["inv_features"] != nil {
		t.Errorf("by digits %v\nby digits-oriented %v", up, own)
	}
	for _, more := range [][]string{nil, {"-features", "digits-oriented"}} {
		if all := inverse(turned, more...); all["inv_fd"] != 0.0 || strings.Contains(fmt.Sprint(all["warnings"]), "inv_fd is 0") {
			t.Errorf("%v: in all orientations %v", more, all)
		}
	}
	said := clitest.Captured(t, func() {
		if err := run(t.Context(), []string{"-samples", upright, "-reference", upright, "-group", "C4", "-measure", "inv_fd"}); err != nil {
			t.Error(err)
		}
	})
	if !strings.Contains(said, "\ninv FD-digits-oriented ") || strings.Contains(said, "spread") {
		t.Errorf("it says %q", said)
	}
}
