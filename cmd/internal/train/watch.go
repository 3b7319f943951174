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
	"spdiff/tensor/atomicfile"
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

// remember reads what was measured before, up to the step that the run goes on from, and drops the rest.
func (r *trainRun) remember() error {
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
	return advise(atomicfile.PutFile(r.path(measuredFile), []byte(kept)))
}

// parseMeasured returns what a line has of which step, and whether it is whole.
func parseMeasured(line string) (step int, distance string, ok bool) {
	fields := strings.Split(strings.TrimSuffix(line, "\n"), ",")
	if len(fields) != 3 {
		return 0, "", false
	}
	var value float64
	n, err := fmt.Sscan(fields[0]+" "+fields[2], &step, &value)
	return step, fields[1], err == nil && n == 2
}

// measure measures the model as it is, logs the distance, and keeps the model if it is the best so far. One that was measured already
// it leaves.
func (r *trainRun) measure(ctx context.Context) error {
	switch {
	case r.watching == nil:
		return nil
	case r.measured == r.trainer.Steps():
		if r.first == r.measured { // by a call before this one
			r.note(fmt.Sprintf("%s: measured already at step %d: %s", r.watching.Name(), r.measured, measuredFile))
		}
		return nil
	}
	if err := r.measureBest(ctx); err != nil {
		return err
	}
	m := r.trainer.model()
	distance, best, err := r.watching.At(ctx, m)
	if err != nil {
		return err
	}
	text := fmt.Sprintf("%s: %.5g at step %d", r.watching.Name(), distance, r.trainer.Steps())
	if best {
		if err := m.Save(r.path(bestFile)); err != nil {
			return err
		}
		text += ", the best so far: " + bestFile
	}
	r.note(text)
	if err := appendLine(r.path(measuredFile), fmt.Sprintf("%d,%s,%v\n", r.trainer.Steps(), r.watching.Name(), distance)); err != nil {
		return err
	}
	r.measured = r.trainer.Steps()
	return r.events.Scalars(r.trainer.Steps(), events.Scalar{Name: "evaluate/" + r.watching.Scalar(), Value: distance})
}

// measureBest measures the best model of calls before this one, once, by what this call measures with: the line that says how good it was
// may be lost, or of other samples.
func (r *trainRun) measureBest(ctx context.Context) error {
	if r.compared {
		return nil
	}
	g, err := spdiff.LoadGenerator(r.path(bestFile))
	switch {
	case err == nil:
		_, _, err = r.watching.At(ctx, g)
	case errors.Is(err, fs.ErrNotExist):
		err = nil
	default:
		r.note(bestFile + " cannot be read, and is made anew: " + cli.Brief(err.Error()))
		err = nil
	}
	r.compared = err == nil
	return err
}

// appendLine writes a line at the end of a file.
func appendLine(path, line string) error {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY|os.O_CREATE, 0o666)
	if err != nil {
		return err
	}
	_, err = f.WriteString(line)
	return errors.Join(err, f.Close())
}
