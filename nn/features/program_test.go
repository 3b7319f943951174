package features_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"spdiff/autodiff"
	"spdiff/nn/features"
	"spdiff/tensor"
)

// sums is a network of two features: the sum of an image of three numbers, and that of their squares.
func sums(batch int) *features.Program {
	in := autodiff.Input("images", batch, 3)
	sum := autodiff.SumTo(in, batch, 1)
	return features.NewProgram(in, autodiff.Concat(sum, autodiff.SumTo(autodiff.Square(in), batch, 1)))
}

func Example() {
	z, err := sums(4).Of(context.Background(), 2, func(x []float32, i int) {
		copy(x, []float32{1, 2, float32(i)})
	})
	fmt.Println(z.Data(), err)
	// Output: [3 5 4 6] <nil>
}

// Images come out in order, whatever the batch, and however many callers there are.
func TestProgramConcurrent(t *testing.T) {
	for _, batch := range []int{1, 3, 8} {
		p := sums(batch)
		var wait sync.WaitGroup
		for caller := range 4 {
			wait.Go(func() {
				z, err := p.Of(context.Background(), 7, func(x []float32, i int) {
					copy(x, []float32{float32(i), float32(caller), 0})
				})
				if err != nil {
					t.Error(err)
					return
				}
				for i := range 7 {
					if z.At(i).Data()[0] != float32(i+caller) || z.At(i).Data()[1] != float32(i*i+caller*caller) {
						t.Errorf("batches of %d: caller %d, image %d: %v", batch, caller, i, z.At(i).Data())
					}
				}
			})
		}
		wait.Wait()
	}
	if z, err := sums(2).Of(context.Background(), 0, nil); err != nil || z.Len() != 0 {
		t.Errorf("no images: %v", err)
	}
}

// A context that ends does so between batches; another caller goes on.
func TestProgramCancel(t *testing.T) {
	p := sums(2)
	ctx, cancel := context.WithCancelCause(context.Background())
	cause := errors.New("the client left")
	var seen sync.Map
	_, err := p.Of(ctx, 9, func(x []float32, i int) {
		seen.Store(i, true)
		if i == 3 {
			cancel(cause)
		}
	})
	if !errors.Is(err, context.Canceled) || !errors.Is(err, cause) || !strings.HasPrefix(err.Error(), "features: 4 of 9 images are done") {
		t.Errorf("the error is %v", err)
	}
	if _, ok := seen.Load(4); ok {
		t.Error("another batch was begun")
	}
	if _, err := p.Of(context.Background(), 1, func([]float32, int) {}); err != nil {
		t.Error(err)
	}
}

// A panic while images are read leaves the program to others.
func TestProgramPanic(t *testing.T) {
	p := sums(2)
	func() {
		defer func() { recover() }()
		p.Of(context.Background(), 2, func([]float32, int) { panic("no image") })
	}()
	if _, err := p.Of(context.Background(), 1, func([]float32, int) {}); err != nil {
		t.Error(err)
	}
}

func TestCheckFinite(t *testing.T) {
	x := tensor.New(2, 2, 2, 1)
	if err := features.CheckFinite(x); err != nil {
		t.Error(err)
	}
	x.Data()[6] /= 0 * x.Data()[0]
	if err := features.CheckFinite(x); err == nil || err.Error() != "features: image 1: number 2 is NaN; it has no features" {
		t.Errorf("the error is %v", err)
	}
}
