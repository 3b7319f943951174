package tensor

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
)

func TestShapeSize(t *testing.T) {
	for _, c := range []struct {
		s    Shape
		size int
	}{{nil, 1}, {Shape{3}, 3}, {Shape{2, 3, 4}, 24}, {Shape{5, 0}, 0}} {
		if err := c.s.Validate(); err != nil || c.s.Size() != c.size {
			t.Errorf("%v has size %d, want %d (%v)", c.s, c.s.Size(), c.size, err)
		}
	}
	for _, s := range []Shape{{-1}, {2, -3}, {math.MaxInt, 2}, {math.MaxInt32, math.MaxInt32}, {0, math.MaxInt / 4, 8, -1}} {
		var e *ShapeError
		if err := s.Validate(); !errors.As(err, &e) {
			t.Errorf("%v is valid (%v)", []int(s), err)
		}
	}
}

func TestTensorSharesItsMemory(t *testing.T) {
	x := From([]float32{1, 2, 3, 4, 5, 6}, 2, 3)
	x.At(1).Data()[0] = 9
	y := x.Clone()
	y.Data()[0] = 7
	if x.Data()[3] != 9 || x.Data()[0] != 1 || !x.At(1).Shape().Equal(Shape{3}) {
		t.Errorf("x is %v %v", x.Shape(), x.Data())
	}
}

func TestFromChecksTheSize(t *testing.T) {
	defer func() {
		e, ok := recover().(*ShapeError)
		if !ok || !strings.Contains(e.Error(), "From of 5 and 2×3") {
			t.Errorf("From panicked with %v", e)
		}
	}()
	From(make([]float32, 5), 2, 3)
}

// At never reaches memory that is not the tensor's, even where the slice goes on behind it.
func TestAtChecksTheIndex(t *testing.T) {
	long := make([]float32, 12)
	for _, c := range []struct {
		x *Tensor
		i int
	}{{From(long[:6], 2, 3), 2}, {From(long[:6], 2, 3), -1}, {New(3, 0), 3}, {New(), 0}} {
		func() {
			defer func() {
				if e, ok := recover().(*ShapeError); !ok || e.Op != "At" {
					t.Errorf("At(%d) of %v panicked with %v", c.i, c.x.Shape(), e)
				}
			}()
			c.x.At(c.i)
		}()
	}
}

func ExampleTensor() {
	x := New(2, 28, 28, 1)
	x.At(1).Data()[0] = 0.5
	fmt.Println(x.Shape(), x.Len(), x.Data()[784])
	// Output: 2×28×28×1 1568 0.5
}
