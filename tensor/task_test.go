package tensor

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// withWorkers runs f under 1 to 4 workers, with as many threads.
func withWorkers(t *testing.T, f func(t *testing.T)) {
	defer SetWorkers(0)
	old, oldMax := runtime.GOMAXPROCS(4), MaxWorkers
	MaxWorkers = 4
	defer func() { MaxWorkers = oldMax; runtime.GOMAXPROCS(old) }()
	for n := 1; n <= 4; n++ {
		SetWorkers(n)
		t.Run(fmt.Sprintf("workers=%d", n), f)
	}
}

// Every piece is done exactly once, tasks one after the other, and no worker number is in use twice at a time.
func TestRunDoesEachPieceOnce(t *testing.T) {
	withWorkers(t, func(t *testing.T) {
		for _, n := range []int{0, 1, 2, 3, 100, 1000} {
			done := make([]atomic.Int32, n)
			using := make([]atomic.Int32, MaxWorkers)
			var second atomic.Int32
			first := Task{n, func(i, worker int) {
				if using[worker].Add(1) != 1 {
					t.Errorf("worker %d does two pieces at a time", worker)
				}
				if second.Load() != 0 {
					t.Error("the second task began before the first had ended")
				}
				done[i].Add(1)
				using[worker].Add(-1)
			}}
			Run(first, Task{n, func(i, worker int) { second.Add(1) }})
			for i := range done {
				if done[i].Load() != 1 {
					t.Fatalf("piece %d of %d was done %d times", i, n, done[i].Load())
				}
			}
			if int(second.Load()) != n {
				t.Fatalf("%d of %d pieces of the second task", second.Load(), n)
			}
		}
	})
}

// Who watches gets each task, in order, in place of its being done, and nothing once it has ended.
func TestWatch(t *testing.T) {
	var sizes []int
	Watch(func(t Task) { sizes = append(sizes, t.N) })
	defer Watch(nil)
	task := func(n int) Task { return Task{n, func(int, int) { t.Error("a piece was done") }} }
	Run(task(3), task(0), task(1))
	Run(task(2))
	if !slices.Equal(sizes, []int{3, 0, 1, 2}) {
		t.Errorf("tasks of %v pieces", sizes)
	}
	Watch(nil)
	Run(Task{1, func(int, int) { sizes = nil }})
	if sizes != nil {
		t.Error("it still watches")
	}
}

// Many goroutines share the workers, and pieces may run tasks of their own.
func TestRunFromManyGoroutines(t *testing.T) {
	withWorkers(t, func(t *testing.T) {
		var wg sync.WaitGroup
		for range 6 {
			wg.Go(func() {
				for range 50 {
					var sum atomic.Int64
					Run(Task{20, func(i, worker int) {
						Run(Task{3, func(k, worker int) { sum.Add(int64(i * k)) }})
					}})
					if sum.Load() != 190*3 {
						t.Errorf("sum %d, want %d", sum.Load(), 190*3)
					}
				}
			})
		}
		wg.Wait()
	})
}

// A panic in a piece comes out of Run, and the pool lives on.
func TestRunPanics(t *testing.T) {
	withWorkers(t, func(t *testing.T) {
		for range 50 {
			func() {
				defer func() {
					if p := recover(); p != "piece 7" {
						t.Errorf("Run panicked with %v", p)
					}
				}()
				Run(Task{100, func(i, worker int) {
					if i == 7 {
						panic("piece 7")
					}
				}})
			}()
		}
		var n atomic.Int32
		Run(Task{100, func(i, worker int) { n.Add(1) }})
		if n.Load() != 100 {
			t.Errorf("after a panic %d of 100 pieces", n.Load())
		}
	})
}

// A piece that ends its goroutine is a panic of Run, and the pool lives on.
func TestRunEndedGoroutines(t *testing.T) {
	withWorkers(t, func(t *testing.T) {
		if Workers() < 2 {
			return
		}
		for range 5 {
			var ended atomic.Bool
			p := func() (p any) {
				defer func() { p = recover() }()
				Run(Task{1000, func(i, worker int) {
					for worker == 0 && !ended.Load() {
						runtime.Gosched()
					}
					if worker > 0 && ended.CompareAndSwap(false, true) {
						runtime.Goexit()
					}
				}})
				return nil
			}()
			if text, is := p.(string); !is || !strings.Contains(text, "has ended its goroutine") {
				t.Errorf("Run panicked with %v", p)
			}
		}
	})
}

func TestRunAllocatesNothing(t *testing.T) {
	withWorkers(t, func(t *testing.T) {
		x := make([]float32, 1000)
		task := Task{10, func(i, worker int) { x[i]++ }}
		if n := testing.AllocsPerRun(200, func() { Run(task, task) }); n != 0 {
			t.Errorf("%v allocations a run", n)
		}
	})
}

// SetWorkers may come at any time.
func TestSetWorkersDuringRuns(t *testing.T) {
	withWorkers(t, func(t *testing.T) {
		stop := make(chan struct{})
		var wg sync.WaitGroup
		wg.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
					SetWorkers(n % 5)
					runtime.Gosched()
				}
			}
		})
		for range 300 {
			var n atomic.Int32
			Run(Task{50, func(i, worker int) { n.Add(1) }})
			if n.Load() != 50 {
				t.Fatalf("%d of 50 pieces", n.Load())
			}
		}
		close(stop)
		wg.Wait()
	})
}

// The cost of a fork and join.
func BenchmarkRun(b *testing.B) {
	task := Task{2, func(i, worker int) {}}
	for range b.N {
		Run(task)
	}
}

func ExampleRun() {
	squares := make([]int, 5)
	Run(Task{N: 5, Do: func(i, worker int) { squares[i] = i * i }})
	fmt.Println(squares)
	// Output: [0 1 4 9 16]
}

// Any number of workers can be asked for: those that there are work.
func TestSetWorkers(t *testing.T) {
	defer SetWorkers(0)
	for n, want := range map[int]int{math.MinInt: min(Workers(), MaxWorkers), 1: 1, math.MaxInt: MaxWorkers} {
		if SetWorkers(n); Workers() != want {
			t.Errorf("of %d there are %d, want %d", n, Workers(), want)
		}
	}
}
