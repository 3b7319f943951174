package train

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"spdiff"
	"spdiff/cmd/internal/cli"
	"spdiff/cmd/internal/evaluation"
	"spdiff/cmd/internal/events"
)

const (
	bestFile     = "model-best.safetensors"
	measuredFile = "evaluation.csv"
	measuredHead = "step,distance,value\n"
)

// watched is how many images of the reference a training is measured against: enough to see which way it goes.
const watched = 10_000

// findFeatures opens the network that the model is measured by, if that is asked for: before a folder is made, since there may be none.
func (r *trainRun) findFeatures(o *options) (err error) {
	if o.evaluate == 0 {
		return nil
	}
	h, w, c := r.source.Shape()
	name := evaluation.Default(h, w, c)
	if o.inception != "" {
		name = "inception:" + o.inception
	}
	if name == "" {
		return cli.Usagef("-evaluate: there are no features of our own for such images; -inception FILE names the weights of Inception")
	}
	r.features, err = evaluation.OpenFor(name, h, w, c)
	return err
}

// watch makes ready to measure the model at each grid and at the end, if that is asked for: before the first step.
func (r *trainRun) watch(ctx context.Context, o *options) (err error) {
	if o.evaluate == 0 {
		return nil
	}
	sampling := drawn(o.evaluate)
	sampling.Batch = 32
	r.watching, err = evaluation.NewWatch(ctx, r.features, spdiff.Limit(r.source, watched), r.trainer.about().group, sampling)
	if err != nil {
		return err
	}
	return r.remember()
}

// remember reads what was measured before, up to the step that the run goes on from, drops the rest, and opens the end.
func (r *trainRun) remember() error {
	if err := r.lock.Check(); err != nil { // the reference may have taken long
		return err
	}
	text, err := os.ReadFile(r.path(measuredFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return advise(err)
	}
	kept := measuredHead
	for line := range strings.Lines(string(text)) {
		step, distance, ok := parseMeasured(line)
		if !ok || step > r.first {
			continue
		}
		if kept += line; distance == r.watching.Name() {
			r.measured = step
		}
	}
	return advise(r.table.open(r.path(measuredFile), []byte(kept)))
}

// parseMeasured returns what a line has of which step, and whether it is whole: without its end its number may lack digits.
func parseMeasured(line string) (step int, distance string, ok bool) {
	text, ended := strings.CutSuffix(line, "\n")
	fields := strings.Split(text, ",")
	if !ended || len(fields) != 3 {
		return 0, "", false
	}
	var value float64
	n, err := fmt.Sscan(fields[0]+" "+fields[2], &step, &value)
	return step, fields[1], err == nil && n == 2
}

// measure measures the model as it is, logs the distance, and keeps the model if it is the best so far. One that was measured already
// it leaves.
func (r *trainRun) measure(ctx context.Context) error {
	step := r.trainer.Steps()
	switch {
	case r.watching == nil:
		return nil
	case r.measured == step:
		if r.first == step { // by a call before this one
			r.note(fmt.Sprintf("%s: measured already at step %d: %s", r.watching.Name(), step, measuredFile))
		}
		return nil
	}
	if err := r.measureBest(ctx); err != nil {
		return err
	}
	m := r.trainer.model()
	distance, better, err := r.watching.At(ctx, m)
	if err != nil {
		return err
	}
	if err := r.lock.Check(); err != nil {
		return err
	}
	text := fmt.Sprintf("%s: %.5g at step %d", r.watching.Name(), distance, step)
	if better {
		if err := r.keepBest(m, distance); err != nil {
			return err
		}
		text += ", the best so far: " + bestFile
	}
	r.note(text)
	r.measured = step
	return r.logMeasured(distance)
}

// keepBest writes the best model so far. Only if it is written are later models compared with it.
func (r *trainRun) keepBest(m sampler, distance float64) error {
	if err := r.warning(m.Save(r.path(bestFile))); err != nil {
		return err
	}
	r.watching.Best = distance
	return nil
}

// logMeasured writes the distance of the model as it is where people look for it. What there is no room for is written with what comes
// next.
func (r *trainRun) logMeasured(distance float64) error {
	line := fmt.Sprintf("%d,%s,%v\n", r.measured, r.watching.Name(), distance)
	return errors.Join(r.table.write([]byte(line)),
		r.events.Scalars(r.measured, events.Scalar{Name: "evaluate/" + r.watching.Scalar(), Value: distance}))
}

// measureBest measures the best model of earlier calls, once, by what this call measures with: the line that says how good it was may be
// lost, or be of other samples.
func (r *trainRun) measureBest(ctx context.Context) error {
	if r.compared {
		return nil
	}
	g, err := spdiff.LoadGenerator(r.path(bestFile))
	switch {
	case err == nil:
		distance, _, err := r.watching.At(ctx, g)
		if err != nil {
			return err
		}
		r.watching.Best = distance
	case !errors.Is(err, fs.ErrNotExist):
		r.note(bestFile + " cannot be read, and is made anew: " + cli.Brief(err.Error()))
	}
	r.compared = true
	return nil
}
