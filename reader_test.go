package spdiff

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"spdiff/group"
	"spdiff/tensor"
)

// A probe is blobs that can be watched and can fail.
type probe struct {
	blobs
	before func(i int) error // may be nil; called before each image
	active atomic.Int32      // images that are being read
	reads  atomic.Int32
}

func (p *probe) Image(dst []float32, i int) (int, error) {
	p.active.Add(1)
	defer p.active.Add(-1)
	p.reads.Add(1)
	if p.before != nil {
		if err := p.before(i); err != nil {
			return 0, err
		}
	}
	return p.blobs.Image(dst, i)
}

func newProbe(before func(i int) error) *probe { return &probe{blobs: blobs{10, 8}, before: before} }

func trainer(t *testing.T, c Config, s Source) *Trainer {
	t.Helper()
	tr, err := NewTrainer(c, s)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// shown returns a copy of the batch of a step.
func shown(t *testing.T, tr *Trainer, step int) (x []uint32) {
	t.Helper()
	if err := tr.diffuser.fill(&tr.batch, step); err != nil {
		t.Fatal(err)
	}
	for _, v := range [][]float32{tr.batch.x, tr.batch.t, tr.batch.class, tr.batch.target, tr.batch.key} {
		x = append(x, bits(v)...)
	}
	return x
}

// A batch is the same whether it was read ahead, read when it was wanted, or read in part, by however many workers, and
// whatever was read before it.
func TestBatchesAreFunctionsOfTheStep(t *testing.T) {
	c := tiny(group.C4, WT)
	var want [][]uint32
	for step := range 7 {
		want = append(want, shown(t, trainer(t, c, blobs{10, 8}), step)) // nothing was read ahead
	}
	for i := range want {
		for j := range i {
			if slices.Equal(want[i], want[j]) {
				t.Fatalf("steps %d and %d have the same batch", i, j)
			}
		}
	}
	slow := newProbe(func(i int) error { time.Sleep(time.Duration(i%3) * 300 * time.Microsecond); return nil })
	defer tensor.SetWorkers(0)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(3))
	for _, workers := range []int{1, 3} {
		tensor.SetWorkers(workers)
		for _, s := range []Source{blobs{10, 8}, slow} {
			tr := trainer(t, c, s)
			for _, step := range []int{0, 1, 2, 3, 3, 2, 6, 4, 5, 6, 0} { // also such as were not read ahead
				if !slices.Equal(shown(t, tr, step), want[step]) {
					t.Errorf("%d workers, %T: step %d has another batch", workers, s, step)
				}
				if step == 4 {
					tr.Wait()
				}
			}
			tr.Wait()
		}
	}
}

// Step s shows the draws s·Batch, s·Batch + 1, …: all images of an epoch once, whether read ahead or not.
func TestStepsGoThroughEpochs(t *testing.T) {
	c, s := tiny(group.C4, WT), blobs{10, 8}
	r := newReader(c.feeding(), s)
	e := newEpochs(c.Seed, 10)
	x := make([]float32, 64)
	for step := range 10 {
		if step%3 != 0 {
			r.start(step)
		}
		if err := r.get(step); err != nil {
			t.Fatal(err)
		}
		for j, got := range r.pixels {
			d := step*c.Batch + j
			class, _ := s.Image(x, e.order(d / 10)[d%10])
			if !slices.Equal(got, x) || r.class[j] != class {
				t.Fatalf("place %d of step %d is not image %d of epoch %d", j, step, d%10, d/10)
			}
		}
	}
}

// While a step runs, the images of the next are read; a source that takes its time holds nothing up.
func TestReadsAhead(t *testing.T) {
	c := tiny(group.C4, WT)
	gate, reads := make(chan struct{}), 0
	shut := newProbe(func(int) error {
		if reads++; reads > c.Batch { // of step 1, by one goroutine
			<-gate
		}
		return nil
	})
	defer tensor.SetWorkers(0)
	tensor.SetWorkers(1)
	early := trainer(t, c, shut)
	shown(t, early, 0) // returns while nothing of step 1 can be read
	close(gate)
	early.Wait()

	p := newProbe(nil)
	tr := trainer(t, c, p)
	for step := range 4 {
		shown(t, tr, step)
		deadline := time.Now().Add(10 * time.Second)
		for p.reads.Load() < int32((step+2)*c.Batch) && time.Now().Before(deadline) {
			time.Sleep(time.Millisecond)
		}
		if n := p.reads.Load(); n != int32((step+2)*c.Batch) {
			t.Fatalf("after step %d %d images are read, want those of %d steps", step, n, step+2)
		}
	}
}

// If reading takes longer than steps, all workers read: images overlap.
func TestWorkersHelpASlowSource(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(3))
	if tensor.Workers() < 2 {
		t.Skip("SKIPPED: one worker has nobody to help it")
	}
	c := tiny(group.C4, WT)
	var both sync.WaitGroup // two readers at once let each other go on
	both.Add(2)
	var met atomic.Int32
	p := newProbe(func(int) error {
		if met.Add(1) <= 2 {
			both.Done()
			both.Wait()
		}
		return nil
	})
	shown(t, trainer(t, c, p), 0)
}

// Nothing is read, and no goroutine left, once Train has returned, however it ends; a trainer that is dropped stops by itself.
func TestNothingIsLeftRunning(t *testing.T) {
	train(t, tiny(group.C4, WT)) // starts the workers, which stay
	before := runtime.NumGoroutine()
	stop := errors.New("stop")
	for name, end := range map[string]func(cancel func()) error{
		"its last step": func(func()) error { return nil },
		"an error":      func(func()) error { return stop },
		"cancelling":    func(cancel func()) error { cancel(); return nil },
	} {
		p := newProbe(func(int) error { time.Sleep(200 * time.Microsecond); return nil })
		ctx, cancel := context.WithCancel(context.Background())
		Train(ctx, tiny(group.C4, WT), p, func(_ *Trainer, s Step) error {
			if s.Number == 3 {
				return end(cancel)
			}
			return nil
		})
		n := p.reads.Load()
		if p.active.Load() != 0 {
			t.Errorf("after %s an image is being read", name)
		}
		time.Sleep(2 * time.Millisecond)
		if p.reads.Load() != n {
			t.Errorf("after %s images are read", name)
		}
		cancel()
	}
	tr := trainer(t, tiny(group.C4, WT), newProbe(nil))
	tr.Step()
	tr = nil
	for range 1000 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Errorf("%d goroutines were running and %d are", before, runtime.NumGoroutine())
}

// An error of the source is that of the step that needs the image, not of the one before, names both, and the step can be
// tried again.
func TestSourceErrors(t *testing.T) {
	c := tiny(group.C4, WT)
	c.Steps = 6
	bad := errors.New("the disk is gone")
	var broken atomic.Bool
	broken.Store(true)
	var image int
	{
		tr := trainer(t, c, blobs{10, 8})
		shown(t, tr, 1)
		image = tr.feed.reader.epochs.order(0)[c.Batch+2] // shown in step 2 (from 1), in the first epoch
	}
	p := newProbe(func(i int) error {
		if i == image && broken.Load() {
			return bad
		}
		return nil
	})
	tr := trainer(t, c, p)
	if _, err := tr.Step(); err != nil {
		t.Fatalf("step 1: %v", err)
	}
	for range 2 {
		_, err := tr.Step()
		if !errors.Is(err, bad) || !strings.Contains(err.Error(), "step 2: image "+fmt.Sprint(image)) || tr.Steps() != 1 {
			t.Fatalf("step 2: %v", err)
		}
	}
	broken.Store(false)
	for tr.Steps() < c.Steps {
		if _, err := tr.Step(); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(weights(tr.Model()), weights(train(t, c))) {
		t.Error("after the errors the training has other bits")
	}
}

// A panic of the source is one of the step, where it can be recovered, not of a goroutine that nobody sees.
func TestSourcePanics(t *testing.T) {
	var on atomic.Bool
	p := newProbe(func(int) error {
		if on.Load() {
			panic("out of cheese")
		}
		return nil
	})
	tr := trainer(t, tiny(group.C4, WT), p)
	if _, err := tr.Step(); err != nil {
		t.Fatal(err)
	}
	tr.Wait()
	on.Store(true)
	for range 2 {
		func() {
			defer func() {
				if v := recover(); v != "out of cheese" {
					t.Errorf("recovered %v", v)
				}
			}()
			tr.feed.reader.start(1) // in its goroutine
			tr.Step()
			t.Error("no panic")
		}()
	}
	on.Store(false)
	if _, err := tr.Step(); err != nil || tr.Steps() != 2 {
		t.Errorf("after the panics: %v", err)
	}
}

// Classes that the network does not know are errors that say so.
func TestClassesAreChecked(t *testing.T) {
	c := tiny(group.C4, WT)
	c.Network.Classes = 1
	tr := trainer(t, c, blobs{10, 8})
	var e *SourceError
	for range 3 {
		if _, err := tr.Step(); err != nil {
			if !errors.As(err, &e) || !strings.Contains(err.Error(), "class 1; the network knows 0 to 0") {
				t.Errorf("%v", err)
			}
			return
		}
	}
	t.Error("no error for class 1 of 1")
}
