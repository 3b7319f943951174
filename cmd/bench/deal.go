package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"spdiff/asm"
	"spdiff/tensor"
)

// handing is how long it takes to give a task's pieces to other workers, found awake, and to see that all are done.
const handing = 3 * time.Microsecond

// deals prints what the networks among the cases would take of so many cores, as far as the cut into pieces tells on one: each
// piece is timed alone, the best of the runs, and the pieces of each task are dealt as [tensor.Run] deals them. Caches and
// memory that cores share are not in this; what is no piece is counted as if it had one core.
func (o *options) deals(ctx context.Context, chosen []benchCase) error {
	fmt.Printf("spdiff bench: %s, %v, pieces timed on one core and dealt to %d\n", asm.ISA(), o.precision, o.deal)
	fmt.Printf("%-28s %6s %8s %12s %12s %8s\n", "case", "batch", "pieces", "1 core ms", fmt.Sprintf("%d cores ms", o.deal), "ratio")
	for _, c := range chosen {
		s, err := timePieces(ctx, c.program().run, o.runs)
		if err != nil {
			return err
		}
		one, many := s.dealt(1), s.dealt(o.deal)
		fmt.Printf("%-28s %6d %8d %12.1f %12.1f %8.1f\n", c.name, c.batch, s.count(), ms(one), ms(many), one.Seconds()/many.Seconds())
	}
	return nil
}

// pieces are what the tasks of a step take, piece by piece, and all else of it.
type pieces struct {
	tasks [][]time.Duration
	rest  time.Duration
}

// timePieces times the pieces of each task of the step, and the rest, each the best of the runs, after one to warm up.
func timePieces(ctx context.Context, step func(), runs int) (*pieces, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err() // a first step may take minutes
	}
	best := watched(step)
	for range runs {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		best.keep(watched(step))
	}
	return best, nil
}

// watched runs the step once on one core with a clock around each piece. Tasks within a piece are of that piece.
func watched(step func()) *pieces {
	s, inside := &pieces{}, false
	tensor.Watch(func(t tensor.Task) {
		if inside {
			for i := range t.N {
				t.Do(i, 0)
			}
			return
		}
		inside = true
		took := make([]time.Duration, t.N)
		for i := range took {
			start := time.Now()
			t.Do(i, 0)
			took[i] = time.Since(start)
			s.rest -= took[i]
		}
		inside = false
		s.tasks = append(s.tasks, took)
	})
	defer tensor.Watch(nil)
	start := time.Now()
	step()
	s.rest += time.Since(start)
	return s
}

// keep takes the other run's times where they are shorter. Runs have the same tasks, for a cut looks at shapes alone.
func (s *pieces) keep(other *pieces) {
	for k, task := range s.tasks {
		for i := range task {
			task[i] = min(task[i], other.tasks[k][i])
		}
	}
	s.rest = min(s.rest, other.rest)
}

func (s *pieces) count() int {
	n := 0
	for _, task := range s.tasks {
		n += len(task)
	}
	return n
}

// dealt returns what the step takes on so many cores.
func (s *pieces) dealt(cores int) time.Duration {
	total := s.rest
	for _, task := range s.tasks {
		total += dealt(task, cores)
	}
	return total
}

// dealt returns when the last piece of a task ends. Each worker does its own share in order, and then what is left of the next workers'
// shares, in turn; the worker that is free first takes first.
func dealt(task []time.Duration, cores int) time.Duration {
	n := min(cores, len(task))
	if n == 0 {
		return 0
	}
	next, clock := make([]int, n), make([]time.Duration, n)
	for i := range next {
		next[i] = len(task) * i / n
	}
	for range task {
		w := slices.Index(clock, slices.Min(clock))
		for k := range n {
			s := (w + k) % n
			if i := next[s]; i < len(task)*(s+1)/n {
				next[s]++
				clock[w] += task[i]
				break
			}
		}
	}
	last := slices.Max(clock)
	if n > 1 {
		last += handing
	}
	return last
}
