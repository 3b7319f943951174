package nn

import "fmt"

// A Representation says what a group element does to the channels of a pixel besides moving the pixel. In JSON it is its name.
type Representation uint8

const (
	// Scalar channels stay as they are: (a·x)[a·p, i] = x[p, i].
	Scalar Representation = iota

	// Regular channels are |G| planes of c channels each, one plane for each element h, and the group permutes the planes:
	// (a·x)[a·p, (ah, i)] = x[p, (h, i)] (Cohen and Welling, Group Equivariant Convolutional Networks, 2016). So a filter may
	// have any shape, and a plane for each orientation of it. The planes lie one after another, those of h and of n·h in two
	// halves: see tensor.GroupKernel.
	Regular
)

var representations = names{"representation", []string{"scalar", "regular"}}

// String returns the name of the representation: scalar or regular.
func (r Representation) String() string { return representations.of(uint8(r)) }

// MarshalText returns the name. It never fails.
func (r Representation) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText sets r to the representation of that name.
func (r *Representation) UnmarshalText(name []byte) error {
	return representations.parse(name, (*uint8)(r))
}

// A Field is the type of a feature map: channels on a grid, and how the group acts on them. A layer states the
// fields of its input and of its output; composition is checked when a network is built.
type Field struct {
	Grid           *Grid
	Representation Representation
	Channels       int // of all planes
}

// Scalars returns the field of c scalar channels on a grid.
func Scalars(g *Grid, c int) Field { return Field{g, Scalar, c} }

// Regulars returns the field of c channels on a grid, in |G| planes of c/|G|.
func Regulars(g *Grid, c int) Field { return Field{g, Regular, c} }

// Planes returns the number of planes: |G| of a regular field, 1 of a scalar one.
func (f Field) Planes() int {
	if f.Representation == Regular {
		return f.Grid.group.Order()
	}
	return 1
}

// Plane returns the number of channels in each plane.
func (f Field) Plane() int { return f.Channels / f.Planes() }

// String returns the field as 32 scalar channels on 28×28 under C4.
func (f Field) String() string {
	return fmt.Sprintf("%d %v channels on %v", f.Channels, f.Representation, f.Grid)
}

// mustDivide panics with a *FieldError unless the fields of a layer have planes of equal size.
func mustDivide(layer string, in, out Field) {
	for _, f := range []Field{in, out} {
		if f.Channels%f.Planes() != 0 {
			panic(&FieldError{layer, in, out, fmt.Sprintf("%d channels do not divide into %d planes", f.Channels, f.Planes())})
		}
	}
}

// A FieldError is the panic value of a layer that cannot map one field to another.
type FieldError struct {
	Layer   string // its name
	In, Out Field
	Reason  string // what does not fit, and what would
}

// Error names the layer, both fields and the reason.
func (e *FieldError) Error() string {
	return fmt.Sprintf("nn: layer %s from %v to %v: %s", e.Layer, e.In, e.Out, e.Reason)
}
