package main

import (
	"context"
	"fmt"
	"os"

	"spdiff"
	"spdiff/cmd/internal/digits"
	"spdiff/cmd/internal/progress"
	"spdiff/group"
	"spdiff/nn"
)

// A contender is a model of figure 1, and where it comes from.
type contender struct {
	*spdiff.Model
	origin string
}

// words say what models of a method are.
var words = map[spdiff.Method]string{
	spdiff.WT: "tied kernels", spdiff.GC: "regular features", spdiff.CF: "canonical frame",
	spdiff.OC: "averaged network", spdiff.RegOC: "averaged network",
	spdiff.Plain: "ordinary network", spdiff.Reg: "regularised network",
}

func (m contender) words() string { return words[m.Config().Method] }

// other is the method that makes something else of the same weights: an exactly equivariant model, or one that is not.
var other = map[spdiff.Method]spdiff.Method{
	spdiff.Plain: spdiff.OC, spdiff.OC: spdiff.Plain, spdiff.Reg: spdiff.RegOC, spdiff.RegOC: spdiff.Reg, spdiff.CF: spdiff.Plain,
}

// contenders returns an equivariant model and one that is not: of the same weights if that is possible, and else one of them
// trained here. Without -model it is an ordinary network that is trained here, and its average over the group (eq. 12).
func contenders(ctx context.Context, o *options) (exact, ordinary contender, err error) {
	if o.model != "" {
		exact, err = loaded(o.model)
	} else {
		exact, err = trained(ctx, o)
	}
	if err != nil {
		return exact, ordinary, err
	}
	if method, ok := other[exact.Config().Method]; ok {
		ordinary.origin = "the same weights"
		ordinary.Model, err = exact.As(method)
	} else {
		ordinary, err = trained(ctx, o)
	}
	if err == nil && !exact.Config().Method.Exact() {
		exact, ordinary = ordinary, exact
	}
	return exact, ordinary, err
}

// loaded reads a model that can denoise the digit.
func loaded(path string) (contender, error) {
	m, err := spdiff.Load(path)
	if err != nil {
		return contender{}, err
	}
	if n := m.Config().Network; n.ImageHeight != digits.Side || n.ImageWidth != digits.Side || n.Out != 1 || n.Classes != 0 {
		return contender{}, fmt.Errorf("%s: it is of %d×%d×%d images and %d classes; figure 1 has a grey digit of %d×%d pixels and no classes",
			path, n.ImageHeight, n.ImageWidth, n.Out, n.Classes, digits.Side, digits.Side)
	}
	return contender{m, path}, nil
}

// trained trains a small ordinary network on generated digits, turned and mirrored at random.
func trained(ctx context.Context, o *options) (contender, error) {
	c := small(o)
	c.Precision = o.precision
	fmt.Printf("         training a small ordinary network: %d steps of %d generated digits, turned and mirrored at random\n", c.Steps, c.Batch)
	p := progress.New(os.Stdout, progress.Goal{Steps: c.Steps, Images: c.Batch})
	mean := 0.0
	m, err := spdiff.Train(ctx, c, digits.New(o.seed, 20_000), func(_ *spdiff.Trainer, s spdiff.Step) error {
		mean += (s.Loss - mean) / float64(min(s.Number, 30))
		if s.Number%5 == 0 {
			p.Update(s.Number, fmt.Sprintf("loss %.4f", mean))
		}
		return nil
	})
	p.Finish()
	if err != nil {
		return contender{}, err
	}
	return contender{m, fmt.Sprintf("%d parameters, trained for %d steps on generated digits", m.Parameters(), c.Steps)}, nil
}

// small is a network that learns the forms of digits in a minute.
func small(o *options) spdiff.Config {
	return spdiff.Config{
		Group: group.D4, Method: spdiff.Plain, Batch: 16, Seed: o.seed, Steps: o.steps,
		Network: nn.UNetConfig{ImageHeight: digits.Side, ImageWidth: digits.Side, Out: 1,
			Width: 24, Mult: []int{1, 2, 2}, Blocks: 1, Head: 16, Groups: 8, Kernel: 3},
		Optimiser: nn.OptimiserConfig{Rule: nn.RAdam(), Clip: 1, Averages: []nn.Average{{Rate: 0.99, Ramp: true}}},
		Rate:      nn.LearningRate{Rate: 3e-3, Warmup: 40},
	}
}
