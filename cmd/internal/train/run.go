package train

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"time"

	"spdiff"
	"spdiff/asm"
	"spdiff/cmd/internal/cli"
	"spdiff/cmd/internal/dataset"
	"spdiff/cmd/internal/evaluation"
	"spdiff/cmd/internal/events"
	"spdiff/cmd/internal/lock"
	"spdiff/tensor"
	"spdiff/tensor/atomicfile"
)

// A trainRun is a run under way.
type trainRun struct {
	folder  string
	lock    *lock.Lock
	spec    runSpec
	source  spdiff.Source
	opened  spdiff.Source // all of them, without a limit
	images  string        // what they are
	told    []string      // what is easily overlooked of their classes
	trainer training
	journal *journal
	events  *events.Writer
	steps   int           // to do in all; 0: until the time is over
	budget  time.Duration // of this call
	saves   time.Duration // between two saves
	shows   time.Duration // from the start to the first grid
	samples int           // in the last grid; 0: none are drawn
	guided  float64       // how far the grids go towards their classes
	first   int           // steps done before this call
	saved   int           // steps of the newest state on the disk
	again   string        // flags of this call that one which goes on has again
	share   float64       // of the budget, in which the learning rate falls
	falling bool          // the fall is planned, in this call
	behind  bool          // the logs have lines that are not on the disk yet
	started time.Time
	before  float64 // seconds of training before this call

	features evaluation.Network // that the model is measured by
	watching *evaluation.Watch  // nil: nothing is measured on the way
	sampled  int                // how many samples a measure is of
	measured int                // the last step that was, in this call or before; −1: none
	table    tail               // evaluation.csv, of what is measured
	compared bool               // the best model of calls before is known

	note   func(string) // says something to the person who waits
	warned string       // the last warning

	respecified bool   // run.json is to be written anew
	otherData   string // how the images of this call differ from those of the last; "": not at all
	abandoned   bool   // a step goes on by itself: what it may change is not to be used
}

// newRun returns a run with the settings that are this call's.
func newRun(o *options) *trainRun {
	tensor.SetWorkers(o.threads)
	r := &trainRun{steps: o.steps, budget: minutes(o.minutes), saves: minutes(o.save), shows: firstGrid, samples: o.samples, guided: o.guidance, again: o.again, share: o.fall,
		measured: -1, note: func(s string) { fmt.Println(s) }}
	if r.steps > 0 {
		r.budget = 0
		if !o.given["fall"] || o.resume == "" {
			r.share = 0 // a run of some steps is the beginning of one of more; of a new one the configuration has the fall
		}
	}
	return r
}

// minutes returns a duration, at least the shortest: 0 would be no end at all.
func minutes(m float64) time.Duration {
	return max(time.Duration(m*float64(time.Minute)), min(1, time.Duration(math.Ceil(m))))
}

// begin makes a new run, or opens the one to go on with. Its folder is this process's alone until close.
func begin(ctx context.Context, o *options) (*trainRun, error) {
	r := newRun(o)
	do := r.create
	if o.resume != "" {
		do = r.open
	}
	if err := do(ctx, o); err != nil {
		r.close()
		return nil, err
	}
	return r, nil
}

// close gives the folder back. What it closes is on the disk already.
func (r *trainRun) close() {
	if r.trainer != nil && !r.abandoned {
		r.trainer.Wait()
	}
	if r.journal != nil {
		r.journal.close()
	}
	r.table.close()
	if r.events != nil {
		r.events.Close()
	}
	if r.lock != nil {
		r.lock.Release()
	}
}

// prepare opens the images and makes the trainer of a new run, in memory alone.
func (r *trainRun) prepare(ctx context.Context, o *options) (err error) {
	r.spec = runSpec{Limit: o.limit, Keep: o.keep, GAN: o.gan != ""}
	if r.spec.Data, err = dataset.Absolute(o.data); err != nil {
		return err
	}
	if err := r.openImages(ctx); err != nil {
		return err
	}
	if err := r.findFeatures(o); err != nil {
		return err
	}
	t, err := r.newTraining(ctx, o)
	if err != nil {
		return err
	}
	r.trainer = t
	return r.checkGuidance()
}

func (r *trainRun) create(ctx context.Context, o *options) (err error) {
	if err := r.prepare(ctx, o); err != nil {
		return err
	}
	if err := r.checkOutside(o.out); err != nil {
		return err
	}
	id, err := r.identify(ctx)
	if err != nil {
		return r.withoutDamaged(err)
	}
	id.keep(r.trainer.notes())
	if r.folder, r.lock, err = newFolder(o.out, o.data); err != nil {
		return err
	}
	if err := r.spec.write(r.folder); err != nil {
		return advise(err)
	}
	if err := r.put(configFile, r.trainer.settings()); err != nil {
		return err
	}
	if err := r.warning(r.trainer.Checkpoint(r.folder)); err != nil { // from now on there is a state to go on from
		return advise(err)
	}
	return r.ready()
}

// checkOutside returns an error if a folder that is named for the run is within the images.
func (r *trainRun) checkOutside(out string) error {
	if out != "" && dataset.Inside(r.opened, out) {
		return cli.Usagef("-out %s: the folder is within the images of -data, and what the run writes would become one of them; name another", out)
	}
	return nil
}

// openImages opens what the run learns from.
func (r *trainRun) openImages(ctx context.Context) error {
	source, err := cli.Await(ctx, func() (spdiff.Source, error) { return dataset.Open(ctx, r.spec.Data) })
	if err != nil {
		return err
	}
	r.images, r.opened = dataset.Describe(source), source
	if r.source = source; r.spec.Limit > 0 {
		r.source = spdiff.Limit(source, r.spec.Limit)
	}
	return nil
}

// checkGuidance returns an error if the grids cannot be guided: before the training, not at its first grid.
func (r *trainRun) checkGuidance() error {
	if r.guided == 0 {
		return nil
	}
	if m, is := r.trainer.model().(*spdiff.Model); is && m.Config().Network.NoClass {
		return nil
	}
	return cli.Usagef("-guidance %v: it is for a model that is trained with -drop-class, as 0.1, and -classes", r.guided)
}

// ready opens the logs and says what the run is about to do.
func (r *trainRun) ready() (err error) {
	for _, dir := range []string{samplesDir, modelsDir} {
		if dir == modelsDir && r.spec.Keep == 0 {
			continue
		}
		if err := os.MkdirAll(r.path(dir), 0o777); err != nil {
			return advise(err)
		}
	}
	r.first = r.trainer.Steps()
	r.saved = r.first
	if r.journal, err = openJournal(r.path(logFile), r.path(csvFile), r.first, r.lock.Check); err != nil {
		return advise(err)
	}
	for _, n := range r.journal.notes {
		fmt.Println("log:   " + n)
	}
	if r.events, err = events.Open(r.folder, r.first); err != nil {
		return advise(err)
	}
	r.before = r.journal.seconds()
	r.announce()
	return nil
}

func (r *trainRun) path(name string) string { return filepath.Join(r.folder, name) }

// put writes a file of the folder whole, if the folder is this run's still.
func (r *trainRun) put(name string, content []byte) error {
	if err := r.lock.Check(); err != nil {
		return err
	}
	return advise(atomicfile.PutFile(r.path(name), content))
}

func (r *trainRun) announce() {
	c := r.trainer.about()
	h, w, ch := r.source.Shape()
	turned := ""
	if c.rotate {
		turned += fmt.Sprintf(", each moved once by a random element of %v", c.group)
	}
	if c.augment {
		turned += fmt.Sprintf(", moved by a fresh element of %v at each draw", c.group)
	}
	fmt.Printf("train: %s: %d images of %v%s\n", r.images, r.source.Len(), tensor.Shape{h, w, ch}, turned)
	for _, n := range append(dataset.Notes(r.opened), r.told...) {
		fmt.Println("data:  " + n)
	}
	fmt.Printf("model: %s\n", c.model)
	if c.warning != "" {
		fmt.Println("warning: " + c.warning)
	}
	until := fmt.Sprintf("%v", r.budget)
	if r.steps > 0 {
		until = fmt.Sprintf("until step %d", r.steps)
	}
	if n := r.trainer.Steps(); n > 0 {
		until = fmt.Sprintf("from step %d, %s", n, until)
	}
	fmt.Printf("run: %s, batch %d, %v, %d threads, %s, seed %d, into %s\n", until, c.batch, c.precision, tensor.Workers(), asm.ISA(), c.seed, r.folder)
}
