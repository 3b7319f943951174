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

// A contender is a model of figure 1, and what it is in words.
type contender struct {
	*spdiff.Model
	name string
}

// contenders returns an equivariant model and an ordinary one: from files, or trained here. Files are read before anything is
// trained.
func contenders(ctx context.Context, o *options) (pair [2]contender, err error) {
	for i, path := range []string{o.model, o.contrast} {
		if path == "" {
			continue
		}
		if pair[i], err = loaded(path); err != nil {
			return pair, err
		}
	}
	for i, m := range []spdiff.Method{spdiff.WT, spdiff.Plain} {
		if pair[i].Model != nil {
			continue
		}
		if pair[i], err = trained(ctx, o, m); err != nil {
			return pair, err
		}
	}
	return pair, nil
}

// loaded reads a model that can denoise the digit.
func loaded(path string) (contender, error) {
	m, err := spdiff.Load(path)
	if err != nil {
		return contender{}, err
	}
	c := m.Config()
	if n := c.Network; n.ImageHeight != digits.Side || n.ImageWidth != digits.Side || n.In != 1 || n.Classes != 0 {
		return contender{}, fmt.Errorf("%s: it is of %d×%d×%d images and %d classes; figure 1 has a grey digit of %d×%d pixels and no classes",
			path, n.ImageHeight, n.ImageWidth, n.In, n.Classes, digits.Side, digits.Side)
	}
	return contender{m, fmt.Sprintf("%s (method %v, group %v)", path, c.Method, c.Group)}, nil
}

// trained trains a small network on generated digits, turned and mirrored at random.
func trained(ctx context.Context, o *options, method spdiff.Method) (contender, error) {
	c := small(method)
	c.Steps, c.Seed = o.steps, o.seed
	fmt.Printf("         training a small network, method %v: %d steps of %d generated digits, turned and mirrored at random\n", method, c.Steps, c.Batch)
	p := progress.New(os.Stdout, progress.Goal{Steps: c.Steps, Images: c.Batch})
	m, err := spdiff.Train(ctx, c, digits.New(o.seed, 20_000), func(_ *spdiff.Trainer, s spdiff.Step) error {
		if s.Number%5 == 0 {
			p.Update(s.Number, s.Loss)
		}
		return nil
	})
	p.Finish()
	if err != nil {
		return contender{}, err
	}
	return contender{m, fmt.Sprintf("method %v, %d parameters, trained for %d steps on generated digits", method, m.Parameters(), c.Steps)}, nil
}

// small is the smallest network with which the digits can be recognised after a minute.
func small(method spdiff.Method) spdiff.Config {
	return spdiff.Config{
		Group: group.D4, Method: method, Batch: 32, Augment: true,
		Network: nn.UNetConfig{ImageHeight: digits.Side, ImageWidth: digits.Side, In: 1, Out: 1,
			Width: 16, Mult: []int{1, 2, 2}, Blocks: 1, Head: 16, Groups: 4, Kernel: 3},
		Optimizer: nn.OptimizerConfig{Rule: nn.RAdam(), Clip: 1, Averages: []nn.Average{{Rate: 0.98, Ramp: true}}},
		Rate:      nn.Schedule{Rate: 4e-3, Warmup: 40},
	}.Normalise()
}
