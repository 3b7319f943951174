package train

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"spdiff"
	"spdiff/cmd/internal/cli"
	"spdiff/cmd/internal/evaluation"
	"spdiff/cmd/internal/events"
)

const (
	bestFile     = "model-best.safetensors"
	measuredFile = "evaluation.csv"
	measuredHead = "step,distance,value,samples\n"
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
	r.sampled = o.evaluate
	sampling := drawn(o.evaluate)
	sampling.Batch = 32
	r.watching, err = evaluation.NewWatch(ctx, r.features, spdiff.Limit(r.source, watched), r.trainer.about().group, sampling)
	if err != nil {
		return err
	}
	return r.remember()
}

// remember reads what was measured before, up to the step that the run goes on from, drops the rest, and opens the end. What was measured
// of as many samples, and against these images, is not to be measured again.
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
		m, ok := parseMeasured(line)
		if !ok || m.step > r.first {
			continue
		}
		kept += m.line()
		if m.distance == r.watching.Name() && m.samples == strconv.Itoa(r.sampled) && r.otherData == "" {
			r.measured = m.step
		}
	}
	return advise(r.table.open(r.path(measuredFile), []byte(kept)))
}

// A measured is a line of the table: how far the model of a step is, by which distance, and of how many samples, which an older table
// does not say.
type measured struct {
	step     int
	distance string
	value    float64
	samples  string
}

func (m measured) line() string {
	return fmt.Sprintf("%d,%s,%v,%s\n", m.step, m.distance, m.value, m.samples)
}

// parseMeasured reads a line, and reports whether it is whole: without its end its numbers may lack digits.
func parseMeasured(line string) (m measured, ok bool) {
	text, ended := strings.CutSuffix(line, "\n")
	fields := strings.Split(text, ",")
	if len(fields) == 3 {
		fields = append(fields, "")
	}
	if !ended || len(fields) != 4 {
		return m, false
	}
	m.distance, m.samples = fields[1], fields[3]
	n, err := fmt.Sscan(fields[0]+" "+fields[2], &m.step, &m.value)
	return m, err == nil && n == 2
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
	m := measured{r.measured, r.watching.Name(), distance, strconv.Itoa(r.sampled)}
	return errors.Join(r.table.write([]byte(m.line())),
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
