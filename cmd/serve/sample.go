package main

import (
	"context"
	"net/http"

	"spdiff"
	"spdiff/sde"
	"spdiff/tensor"
)

// A drawn is an image that was drawn.
type drawn struct {
	Number int     `json:"number"` // of the image, among those of the seed
	Class  int     `json:"class"`  // 0 where there are none, -1 of what is drawn without
	Image  picture `json:"image"`
}

// A frame shows the images of a batch on their way from noise.
type frame struct {
	Done   int       `json:"done"`
	Of     int       `json:"of"`
	Time   float64   `json:"time"` // of the process
	First  int       `json:"first"`
	Images []picture `json:"images"` // those of the numbers from First on
}

// A sampled says which images were drawn.
type sampled struct {
	Model string   `json:"model"`
	Seed  string   `json:"seed"` // a text: numbers of JSON are not exact beyond 2⁵³
	Drawn []number `json:"drawn"`
}

type number struct {
	Number int `json:"number"`
	Class  int `json:"class"`
}

// A drawing is a request for samples, read.
type drawing struct {
	*server
	model *served
	settings
}

// readSamples reads one.
func (s *server) readSamples(r *http.Request) (task, error) {
	m, err := s.model(r)
	if err != nil {
		return nil, err
	}
	if err := readNothing(r); err != nil {
		return nil, err
	}
	v, err := query(r)
	if err != nil {
		return nil, err
	}
	d := &drawing{server: s, model: m}
	if d.settings, err = parseSettings(v, sampleNames, s.limits); err != nil {
		return nil, err
	}
	return d.draw, nil
}

func (d *drawing) draw(ctx context.Context, to report) (*answer, error) {
	s := spdiff.Sampling{N: d.n, Reversal: d.reversal(d.limits)}
	s.Trace = func(images []int, step sde.Snapshot) {
		d.step(ctx)
		batch := (images[0] - d.first) / d.limits.batch
		batches := (d.n + d.limits.batch - 1) / d.limits.batch
		to.step(batch*step.Of+step.Done, batches*step.Of)
		if d.shown(step) {
			to.frame(func() frame { return d.frame(images, step) })
		}
	}
	z := &answer{}
	about := sampled{Model: d.model.name, Seed: formatSeed(d.seed), Drawn: []number{}}
	for x, err := range d.model.Samples(ctx, s) {
		if err != nil {
			return nil, err
		}
		p, err := encode(x.Pixels)
		if err != nil {
			return nil, err
		}
		if d.guidance == -1 {
			x.Class = -1
		}
		d.metrics.images.WithLabelValues(d.model.name).Inc()
		to.send(event{"sample", drawn{x.Number, x.Class, p}})
		about.Drawn = append(about.Drawn, number{x.Number, x.Class})
		z.pictures = append(z.pictures, p)
	}
	z.report, z.form = about, d.n > 1
	return z, nil
}

// shown reports whether a step is one of the moments that are shown: the last is, and others at equal distances.
func (d *drawing) shown(s sde.Snapshot) bool {
	return d.frames > 0 && s.Done*d.frames/s.Of > (s.Done-1)*d.frames/s.Of
}

// frame returns what there is after a step. Noise lies beyond [−1, 1] and is shown cut there.
func (d *drawing) frame(images []int, s sde.Snapshot) frame {
	h, w, c := d.model.Shape()
	f := frame{Done: s.Done, Of: s.Of, Time: s.Time, First: images[0]}
	size := h * w * c
	for i := range images {
		p, err := encode(tensor.From(s.X[i*size:(i+1)*size], h, w, c))
		if err != nil {
			break // the images come all the same
		}
		f.Images = append(f.Images, p)
	}
	return f
}
