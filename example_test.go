package spdiff_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"spdiff"
	"spdiff/group"
	"spdiff/nn"
	"spdiff/tensor"
)

// stripes is a Source: vertical stripes, at one of four places.
type stripes struct{}

func (stripes) Len() int             { return 4 }
func (stripes) Shape() (h, w, c int) { return 8, 8, 1 }

func (stripes) Image(dst []float32, i int) (class int, err error) {
	for p := range dst {
		dst[p] = -1
		if p%4 == i {
			dst[p] = 1
		}
	}
	return 0, nil
}

// small returns the configuration of a network small enough for an example.
func small() spdiff.Config {
	return spdiff.Config{
		Group: group.C4, Rotate: true, Batch: 4, Steps: 3, Seed: 1,
		Network: nn.UNetConfig{ImageHeight: 8, ImageWidth: 8, Out: 1, Width: 8, Mult: []int{1, 2}, Blocks: 1,
			Head: 8, Groups: 4, Kernel: 3},
		Optimiser: nn.OptimiserConfig{Rule: nn.RAdam(), Clip: 1, Averages: []nn.Average{{Rate: 0.999, Ramp: true}}},
		Rate:      nn.LearningRate{Rate: 1e-3},
	}
}

func ExampleTrain() {
	model, err := spdiff.Train(context.Background(), small(), stripes{}, func(t *spdiff.Trainer, s spdiff.Step) error {
		fmt.Println("step", s.Number)
		return nil
	})
	fmt.Println(model.Parameters(), "parameters,", err)
	// Output:
	// step 1
	// step 2
	// step 3
	// 25337 parameters, <nil>
}

// A training that ends when its caller says so, here after two steps, and else after MaxSteps. Progress is what each step says of itself.
func ExampleTrainer_Run() {
	c := small()
	c.Steps = spdiff.MaxSteps
	t, err := spdiff.NewTrainer(c, stripes{})
	if err != nil {
		fmt.Println(err)
		return
	}
	err = t.Run(context.Background(), func(s spdiff.Step) error {
		if s.Number == 2 {
			for _, v := range s.Scalars() {
				fmt.Print(v.Name, " ")
			}
			return spdiff.ErrStop
		}
		return nil
	})
	fmt.Println(t.Steps(), "steps,", err)
	// Output: loss norm rate 2 steps, <nil>
}

// Images that are in memory are a Source too.
func ExampleImages() {
	x := tensor.New(2, 8, 8, 1)
	for i := range x.Data() {
		x.Data()[i] = float32(i%8)/3.5 - 1 // from black to white, left to right
	}
	source := spdiff.Images(x, []int{0, 1})
	model, err := spdiff.Train(context.Background(), small(), source, nil)
	fmt.Println(source.Len(), "images,", model.Config().Steps, "steps,", err)
	// Output: 2 images, 3 steps, <nil>
}

func ExampleModel_Sample() {
	ctx := context.Background()
	model, err := spdiff.Train(ctx, small(), stripes{}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	images, err := model.Sample(ctx, spdiff.Sampling{N: 3, Reversal: spdiff.Reversal{Seed: 7, Steps: 5}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(images.Shape())
	// Output: 3×8×8×1
}

func ExampleLoad() {
	dir, _ := os.MkdirTemp("", "")
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "model.safetensors")
	trained, err := spdiff.Train(context.Background(), small(), stripes{}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := trained.Save(path); err != nil {
		fmt.Println(err)
		return
	}
	model, err := spdiff.Load(path)
	fmt.Println(model.Config().Group, model.Config().Method, err)
	// Output: C4 wt <nil>
}

func ExampleConfig() {
	c, err := spdiff.DefaultConfig("digits-s")
	if err != nil {
		fmt.Println(err)
		return
	}
	c.Group, c.Network.Mult = group.D4, []int{1, 2, 2, 2}
	fmt.Println(c.Validate())
	// Output: config: unet: image is 28×28; level 3 is 3.5 pixels wide: 2 halvings fit (28→14→7); 32×32 would do
}
