package main

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"spdiff/asm"
	"spdiff/cmd/internal/cli/clitest"
	"spdiff/tensor"
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
		{[]time.Duration{1, 1, 6, 6}, 2, 8 + handing}, // the first has 1, 1 and then the second's last
		{[]time.Duration{6, 5, 1, 1}, 2, 7 + handing}, // the second takes the first's second
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

// A step's pieces are those of its tasks in order; tasks within a piece are of that piece, and what is no piece is the rest. Of two
// runs the shorter time of each is kept.
func TestWatched(t *testing.T) {
	const nap = 5 * time.Millisecond
	inner, start := 0, time.Now()
	s := watched(func() {
		tensor.Run(tensor.Task{N: 2, Do: func(i, _ int) {
			tensor.Run(tensor.Task{N: 3, Do: func(int, int) { inner++ }})
			if i == 1 {
				time.Sleep(nap)
			}
		}}, tensor.Task{N: 1, Do: func(int, int) {}})
		time.Sleep(nap)
	})
	all := time.Since(start)
	if len(s.tasks) != 2 || len(s.tasks[0]) != 2 || len(s.tasks[1]) != 1 || inner != 6 {
		t.Fatalf("tasks of %v, %d pieces within them", s.tasks, inner)
	}
	if s.tasks[0][1] < nap || s.rest < nap || s.dealt(1) > all {
		t.Errorf("%+v, of a piece and a rest of %v at least and %v in all", s, nap, all)
	}
	s = &pieces{tasks: [][]time.Duration{{5, 1}}, rest: 3}
	s.keep(&pieces{tasks: [][]time.Duration{{4, 2}}, rest: 4})
	if s.tasks[0][0] != 4 || s.tasks[0][1] != 1 || s.rest != 3 {
		t.Errorf("of two runs %+v is kept", s)
	}
}

// A network has many pieces, and they use two cores.
func TestDeal(t *testing.T) {
	if asm.ISA() == "generic" {
		t.Skip("SKIPPED: it is slow without assembly")
	}
	out := clitest.Captured(t, func() {
		if err := run(context.Background(), []string{"-deal", "2", "-runs", "1", "unet-wt/digits-xs/forward"}); err != nil {
			t.Error(err)
		}
	})
	lines := strings.Split(strings.TrimSpace(out), "\n")
	var name string
	var batch, pieces int
	var one, two, ratio float64
	if _, err := fmt.Sscan(lines[len(lines)-1], &name, &batch, &pieces, &one, &two, &ratio); err != nil || len(lines) != 3 || !strings.HasSuffix(lines[0], "dealt to 2") {
		t.Fatalf("it prints\n%s", out)
	}
	if name != "unet-wt/digits-xs/forward" || batch != 64 || pieces < 1000 || !(ratio > 1) {
		t.Errorf("%s of %d images has %d pieces and is %v times as fast on two cores", name, batch, pieces, ratio)
	}
}
