package fd

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"spdiff/autodiff"
	"spdiff/tensor"
)

// some are images to train on: noise, brighter where the class says.
type some struct {
	n, side, c int
	classes    int
	bad        int // an image that cannot be read, if above 0
}

func (s some) Len() int             { return s.n }
func (s some) Shape() (h, w, c int) { return s.side, s.side, s.c }

func (s some) Image(dst []float32, i int) (int, error) {
	if i == s.bad && i > 0 {
		return 0, fmt.Errorf("image %d is torn", i)
	}
	tensor.NewStream(7, uint64(i)).Uniform(dst, 0)
	for k := range dst {
		dst[k] -= 1
	}
	class := i % s.classes
	for k := range dst[:len(dst)/s.classes] {
		dst[k+class*len(dst)/s.classes] += 0.9
	}
	return class, nil
}

// A short training has the same weights for any number of threads and on every machine, and others for another seed.
func TestTrainingBits(t *testing.T) {
	defer tensor.SetWorkers(tensor.Workers())
	digits := func(seed uint64) string {
		f, err := TrainDigits(context.Background(), some{9, 28, 1, 10, 0}, Training{seed, 4, 3, 3e-3}, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, hash, err := Encode(f)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("%x", hash[:4])
	}
	for _, workers := range []int{1, 3} {
		tensor.SetWorkers(workers)
		if got, want := digits(1), "2663384c"; got != want {
			t.Errorf("%d threads: the digits' weights are %s, want %s", workers, got, want)
		}
		f, err := TrainCells(context.Background(), some{5, 64, 3, 3, 0}, Training{1, 2, 2, 2e-3}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, hash, _ := Encode(f); fmt.Sprintf("%x", hash[:4]) != "971ef3be" {
			t.Errorf("%d threads: the cells' weights are %x", workers, hash[:4])
		}
	}
	if digits(2) == digits(1) {
		t.Error("the seed decides nothing")
	}
}

// Training learns: the loss of classes that can be seen falls well below that of a guess, 2.3 + 3.7.
func TestTrainingLearns(t *testing.T) {
	last, steps := 0.0, 0
	_, err := TrainDigits(context.Background(), some{20, 28, 1, 5, 0}, Training{1, 10, 40, 3e-3}, func(step int, loss float64) {
		last, steps = loss, step
	})
	if err != nil || steps != 40 || !(last < 3.5) {
		t.Errorf("the loss after %d steps is %v, %v", steps, last, err)
	}
}

func TestTrainingErrors(t *testing.T) {
	short := Training{1, 4, 3, 3e-3}
	ended, cancel := context.WithCancelCause(context.Background())
	cancel(errors.New("the client left"))
	for _, c := range []struct {
		ctx    context.Context
		images some
		want   string
	}{
		{context.Background(), some{9, 32, 1, 10, 0}, "the images are 32×32×1; the network is of 28×28×1"},
		{context.Background(), some{0, 28, 1, 10, 0}, "no images"},
		{context.Background(), some{4, 28, 1, 10, 3}, "image 3 is torn"},
		{context.Background(), some{12, 28, 1, 12, 0}, "of class 1"},
		{ended, some{9, 28, 1, 10, 0}, "0 of 3 steps are done: context canceled: the client left"},
	} {
		if _, err := TrainDigits(c.ctx, c.images, short, nil); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v; want %q", c.images, err, c.want)
		}
	}
	if _, err := TrainCells(context.Background(), some{9, 28, 1, 10, 0}, short, nil); !errors.As(err, new(*ShapeError)) {
		t.Errorf("digits for cells: %v", err)
	}
}

// The loss is that of the softmax in float64, and is finite, with its gradient, where the softmax is 0 or 1.
func TestCrossEntropy(t *testing.T) {
	rows := [][]float32{{0.5, -1, 2}, {3, 3, 3}, {-200, 0, 1e4}, {70, -70, 1}}
	for i, l := range rows {
		for y := range l {
			logits := tensor.From(append([]float32(nil), l...), 1, 3)
			chosen := tensor.New(1, 3)
			chosen.Data()[y] = 1
			x := autodiff.Variable(logits)
			loss := crossEntropy(x, autodiff.Constant(chosen))
			w := autodiff.Compile(loss, autodiff.Grad(loss, x)[0]).NewWorkspace()
			if err := w.RunChecked(); err != nil {
				t.Fatalf("row %d, class %d: %v", i, y, err)
			}
			sum := 0.0
			for _, v := range l {
				sum += math.Exp(min(max(float64(v)-float64(l[y]), -80), 80))
			}
			if got, want := float64(w.Output(loss)[0]), math.Log(sum); math.Abs(got-want) > 1e-5*(1+want) {
				t.Errorf("row %d, class %d: %v, want %v", i, y, got, want)
			}
		}
	}
}
