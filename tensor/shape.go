package tensor

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// A Shape is the extents of an array, the last one running fastest. The empty shape is that of a single number.
type Shape []int

// Size returns the product of the extents. It panics with a [*ShapeError] if one is negative or the product too large.
func (s Shape) Size() int {
	n, err := s.size()
	if err != nil {
		panic(err)
	}
	return n
}

// Validate returns nil if the extents are not negative and their product is that of a slice of float32, else a [*ShapeError].
func (s Shape) Validate() error {
	_, err := s.size()
	return err
}

func (s Shape) size() (int, error) {
	n := 1
	for _, d := range s {
		if d < 0 {
			return 0, &ShapeError{"shape", []Shape{slices.Clone(s)}, "an extent is negative"}
		}
		if d > 0 && n > math.MaxInt/4/d {
			return 0, &ShapeError{"shape", []Shape{slices.Clone(s)}, "there are too many elements"}
		}
		n *= d
	}
	return n, nil
}

// Equal reports whether s and o have the same extents.
func (s Shape) Equal(o Shape) bool { return slices.Equal(s, o) }

// String returns the extents as 8×28×28×64.
func (s Shape) String() string {
	if len(s) == 0 {
		return "scalar"
	}
	parts := make([]string, len(s))
	for i, d := range s {
		parts[i] = strconv.Itoa(d)
	}
	return strings.Join(parts, "×")
}

// A ShapeError is the panic value of an operation whose arguments have shapes that do not fit.
type ShapeError struct {
	Op     string
	Shapes []Shape
	Reason string
}

// Error names the operation, the shapes and the reason.
func (e *ShapeError) Error() string {
	var parts []string
	for _, s := range e.Shapes {
		parts = append(parts, s.String())
	}
	return fmt.Sprintf("tensor: %s of %s: %s", e.Op, strings.Join(parts, " and "), e.Reason)
}
