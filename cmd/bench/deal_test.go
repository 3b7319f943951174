package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"spdiff/asm"
	"spdiff/cmd/internal/cli/clitest"
)

// A task takes what its longest worker does: each its own share in order, then the next one's.
func TestDealt(t *testing.T) {
	for _, c := range []struct {
		task  []time.Duration
		cores int
		want  time.Duration
	}{
		{nil, 2, 0},
		{[]time.Duration{5}, 16, 5},
		{[]time.Duration{1, 2, 3}, 1, 6},
		{[]time.Duration{1, 1, 1, 1}, 2, 2 + handing},
		{[]time.Duration{1, 1, 6, 1}, 2, 6 + handing}, // the first has 1, 1 and then the second's last
		{[]time.Duration{6, 1, 1, 1}, 2, 6 + handing}, // the second takes the first's second
		{[]time.Duration{1, 1, 1, 9}, 2, 10 + handing},
		{[]time.Duration{7, 2, 3}, 16, 7 + handing},
	} {
		if got := dealt(c.task, c.cores); got != c.want {
			t.Errorf("%v on %d cores takes %d, want %d", c.task, c.cores, got, c.want)
		}
	}
	s := &pieces{tasks: [][]time.Duration{{1, 1}, {4}}, rest: 10}
	if one, two := s.dealt(1), s.dealt(2); one != 16 || two != 15+handing || s.count() != 3 {
		t.Errorf("%d pieces take %d on one core and %d on two", s.count(), one, two)
	}
}

// A network has many pieces, and they fill two cores all but whole.
func TestDeal(t *testing.T) {
	if asm.ISA() == "generic" {
		t.Skip("SKIPPED: it is slow without assembly")
	}
	out := clitest.Captured(t, func() {
		if err := run(context.Background(), []string{"-deal", "2", "-runs", "1", "unet-wt/digits-xs/forward"}); err != nil {
			t.Error(err)
		}
	})
	if !strings.Contains(out, "dealt to 2\n") || !strings.Contains(out, "unet-wt/digits-xs/forward") || strings.Count(out, "\n") != 3 {
		t.Errorf("it prints\n%s", out)
	}
}
