package tensor

import (
	"math"
	"runtime"
	"sync"
	"sync/atomic"
)

// A Task is N independent pieces of work. Do performs piece i, 0 ≤ i < N. Pieces of one Task may run at the same time and
// in any order, so they write to different places; how the work is cut must depend on shapes alone, never on the number
// of workers. The worker number is less than [MaxWorkers] and than N, and differs among pieces that run at the same time: scratch
// memory is kept by worker number.
//
// Do is made once and run many times, so that a run allocates nothing.
type Task struct {
	N  int
	Do func(i, worker int)
}

// MaxWorkers bounds the worker numbers of this process.
var MaxWorkers = max(runtime.NumCPU(), runtime.GOMAXPROCS(0))

var limit atomic.Int32 // of SetWorkers; 0: none

// SetWorkers bounds how many goroutines, the caller's included, work on one Task. Zero, as at the start, stands for
// GOMAXPROCS. It may be called at any time and changes the time that things take, never a result.
func SetWorkers(n int) { limit.Store(int32(min(max(n, 0), math.MaxInt32))) }

// Workers returns how many goroutines may work on one Task.
func Workers() int {
	n := int(limit.Load())
	if n == 0 {
		n = runtime.GOMAXPROCS(0)
	}
	return min(n, MaxWorkers)
}

// Run does the tasks in order, the pieces of each in parallel: the caller works as worker 0 and takes along whichever of
// the process's other workers are free. It allocates nothing, and may be called from several goroutines at once, and from
// within a piece. If a piece panics, Run panics with the same value once all pieces under way have ended.
func Run(tasks ...Task) {
	watch := watcher.Load()
	for i := range tasks {
		if t := &tasks[i]; watch != nil {
			(*watch)(*t)
		} else if t.N == 1 || t.N > 1 && Workers() == 1 {
			for i := range t.N {
				t.Do(i, 0)
			}
		} else if t.N > 1 {
			fork(t)
		}
	}
}

var watcher atomic.Pointer[func(Task)] // of Watch; nil: none

// Watch has [Run] call do with each task in place of doing it: do performs all of its pieces, and may time them. Nil, as at the
// start, ends that. It is for measurements in a process that does nothing else meanwhile.
func Watch(do func(Task)) {
	if do == nil {
		watcher.Store(nil)
		return
	}
	watcher.Store(&do)
}

// A job is a Task under way.
type job struct {
	task     Task
	shares   []share      // of the workers, as many as there are
	helpers  atomic.Int32 // helpers that may still touch the job
	panicked atomic.Pointer[any]
}

// jobs are those that are not in use. There are as many as tasks run at a time; after the first run none is made.
var jobs struct {
	sync.Mutex
	free []*job
}

// newJob returns a job of t in n shares.
func newJob(t *Task, n int) *job {
	jobs.Lock()
	defer jobs.Unlock()
	var j *job
	if last := len(jobs.free) - 1; last >= 0 {
		j, jobs.free = jobs.free[last], jobs.free[:last]
	} else {
		j = new(job)
	}
	j.task = *t
	j.deal(n)
	return j
}

// done makes the job free, and what its task holds.
func (j *job) done() {
	j.task = Task{}
	jobs.Lock()
	defer jobs.Unlock()
	jobs.free = append(jobs.free, j)
}

// A share is the pieces that a worker does before it helps others: those from next to end−1. So a worker has about the same
// images from task to task, and finds what it wrote in its own cache: on two threads forward passes of tied networks are 5 to 18 %
// faster than with one list for all, training steps 1 to 9 %.
type share struct {
	next atomic.Int64
	end  int64
	_    [48]byte // fills a line of the cache
}

// deal cuts the pieces into n shares.
func (j *job) deal(n int) {
	if cap(j.shares) < n {
		j.shares = make([]share, n)
	}
	j.shares = j.shares[:n]
	for i := range j.shares {
		j.shares[i].next.Store(int64(j.task.N * i / n))
		j.shares[i].end = int64(j.task.N * (i + 1) / n)
	}
}

// fork does one task with all free helpers.
func fork(t *Task) {
	team := helpers(min(Workers(), t.N) - 1)
	j := newJob(t, len(team)+1)
	for _, h := range team {
		h.offer(j)
	}
	j.work(0)
	for _, h := range team {
		h.revoke(j)
	}
	for n := 0; j.helpers.Load() > 0; n++ {
		pause(n)
	}
	p := j.panicked.Swap(nil)
	j.done()
	if p != nil {
		panic(*p)
	}
}

// work does pieces until none is left.
func (j *job) work(worker int) {
	ended := false
	defer j.catch(&ended)
	for k := range j.shares {
		s := &j.shares[(worker+k)%len(j.shares)]
		for i := s.next.Add(1) - 1; i < s.end; i = s.next.Add(1) - 1 {
			j.task.Do(int(i), worker)
		}
	}
	ended = true
}

// catch keeps the first panic of a piece, and lets no more pieces begin. A piece that ends a helper's goroutine, as t.Fatal of a
// test does, has panicked too.
func (j *job) catch(ended *bool) {
	if p := recover(); p != nil || !*ended {
		first := p // p itself would be allocated even where there is no panic
		if p == nil {
			first = "tensor: a piece of a task has ended its goroutine"
		}
		for i := range j.shares {
			j.shares[i].next.Store(j.shares[i].end)
		}
		j.panicked.CompareAndSwap(nil, &first)
	}
}

// A helper is a goroutine that lives as long as the process and works on one job at a time.
type helper struct {
	number int
	busy   atomic.Bool
	job    atomic.Pointer[job] // offered, not begun
	asleep atomic.Bool
	wake   chan struct{}
}

var pool struct {
	sync.Mutex
	all atomic.Pointer[[]*helper]
}

// helpers returns the first n helpers and starts those that do not exist yet.
func helpers(n int) []*helper {
	if all := pool.all.Load(); all != nil && len(*all) >= n {
		return (*all)[:n]
	}
	pool.Lock()
	defer pool.Unlock()
	var all []*helper
	if p := pool.all.Load(); p != nil {
		all = append(all, *p...)
	}
	for len(all) < n {
		h := &helper{number: len(all) + 1, wake: make(chan struct{}, 1)}
		all = append(all, h)
		go h.live()
	}
	pool.all.Store(&all)
	return all[:n]
}

// offer gives the job to h if h is free.
func (h *helper) offer(j *job) {
	if !h.busy.CompareAndSwap(false, true) {
		return
	}
	j.helpers.Add(1)
	h.job.Store(j)
	if h.asleep.Load() {
		select {
		case h.wake <- struct{}{}:
		default:
		}
	}
}

// revoke takes the job back if h has not begun it: a helper that wakes late costs nothing.
func (h *helper) revoke(j *job) {
	if h.job.CompareAndSwap(j, nil) {
		j.helpers.Add(-1)
		h.busy.Store(false)
	}
}

func (h *helper) live() {
	defer func() { go h.live() }() // where a piece has ended this goroutine
	for {
		h.help(h.await())
	}
}

func (h *helper) help(j *job) {
	defer func() {
		h.busy.Store(false)
		j.helpers.Add(-1)
	}()
	j.work(h.number)
}

// spins is how often a helper looks for a job before it sleeps: some 200 µs, more than what lies between two tasks of a
// training step. Waking takes 50 µs, 20 of them the caller's: after 60 µs without work a product of 33 µs took 48 on two threads
// where the helper slept, and takes 23 where it is found awake.
const spins = 8000

// await returns the next job, spinning for a while and sleeping then.
func (h *helper) await() *job {
	for {
		for n := range spins {
			if j := h.job.Load(); j != nil && h.job.CompareAndSwap(j, nil) {
				return j
			}
			pause(n)
		}
		h.asleep.Store(true)
		if h.job.Load() == nil {
			<-h.wake
		}
		h.asleep.Store(false)
	}
}

// pause lets a moment pass, and now and then others run.
func pause(n int) {
	if n%8 == 7 {
		runtime.Gosched()
		return
	}
	for range 64 {
		spun.Load()
	}
}

// spun is only looked at.
var spun atomic.Int32
