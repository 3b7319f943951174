package tensor

import (
	"fmt"
	"slices"
)

// A Tensor is a dense array of float32 in row-major order.
type Tensor struct {
	shape Shape
	data  []float32
}

// New returns a tensor of zeros. It panics with a [*ShapeError] if an extent is negative.
func New(shape ...int) *Tensor {
	s := Shape(slices.Clone(shape))
	return &Tensor{s, make([]float32, s.Size())}
}

// From returns a tensor of the numbers in data, which it does not copy. It panics with a [*ShapeError] if their number is
// not that of the shape.
func From(data []float32, shape ...int) *Tensor {
	s := Shape(slices.Clone(shape))
	if len(data) != s.Size() {
		panic(&ShapeError{"From", []Shape{{len(data)}, s}, "the numbers of elements differ"})
	}
	return &Tensor{s, data}
}

// Shape returns the extents, which must not be modified.
func (t *Tensor) Shape() Shape { return t.shape }

// Data returns the elements: the tensor's own, not a copy.
func (t *Tensor) Data() []float32 { return t.data }

// Len returns the number of elements.
func (t *Tensor) Len() int { return len(t.data) }

// Clone returns a copy.
func (t *Tensor) Clone() *Tensor { return &Tensor{t.shape, slices.Clone(t.data)} }

// At returns the elements t[i, …], a tensor of one dimension less that shares t's memory. It panics with a [*ShapeError]
// unless 0 ≤ i < Shape()[0].
func (t *Tensor) At(i int) *Tensor {
	if len(t.shape) == 0 || i < 0 || i >= t.shape[0] {
		panic(&ShapeError{"At", []Shape{t.shape}, fmt.Sprintf("there is no element %d", i)})
	}
	rest := t.shape[1:]
	n := rest.Size()
	return &Tensor{rest, t.data[i*n : (i+1)*n : (i+1)*n]}
}
