package nn

import (
	"fmt"
	"hash/fnv"
	"math"
	"slices"

	"spdiff/autodiff"
	"spdiff/tensor"
)

// A Param is a trained tensor: its value in the layout of the products, its name and shape in PyTorch's, and the node that
// stands for it in graphs.
//
//	                  Value                    file
//	convolution       (orbits, in, out)        (out, in, h, w)
//	linear map        (in, out)                (out, in), (out, in, 1) or (out, in, 1, 1)
//	anything else     as in the file
//
// An orbit is a set of taps that share one weight; a plain kernel has one tap in each. For regular fields, in and out are the channels
// of a plane, and orbits are of taps and planes. In a file, tied weights are expanded to all taps and planes; missing taps are 0.
type Param struct {
	Name  string         // PyTorch's, as "input_blocks.1.0.in_layers.2.weight"
	Value *tensor.Tensor // trained in place
	File  tensor.Shape   // PyTorch's

	node  *autodiff.Node
	at    func(out, in, tap int) int // the place in the value of what stands in the file at (out, in, tap); −1: 0 stands there
	start start
}

// A start is a distribution of first values.
type start struct {
	kind  startKind
	bound float64
}

type startKind uint8

const (
	zeros      startKind = iota
	ones                 // gains of norms
	uniform              // on (−bound, bound)
	normal               // with variance 1
	orthogonal           // orthonormal rows or columns, the last axis across
)

// Node returns the variable that stands for the parameter in every graph.
func (p *Param) Node() *autodiff.Node { return p.node }

// Len returns the number of values that are trained: a tied weight counts once.
func (p *Param) Len() int { return len(p.Value.Data()) }

// String returns the name and PyTorch's shape.
func (p *Param) String() string { return fmt.Sprintf("%s %v", p.Name, p.File) }

// Init sets the first values as PyTorch does: weights of products, and their biases, uniform on ±1/√(fan in), which is
// kaiming_uniform_ with a = √5; embeddings of a U-Net normal; gains 1; ends of residual branches, and of a U-Net, 0, as in ADM, and
// so is its map of Labels. Of a GAN, convolutions under a spectral norm and the maps of a ClassNorm are orthogonal, with biases 0, and
// embeddings uniform. First values are a function of the seed and of the parameter's name alone.
//
// The fan in of a tied kernel counts each tap. So an element of the expanded kernel has the variance that it has in a plain
// one, and the output of the convolution, for inputs that are independent between pixels, too.
func (p *Param) Init(seed uint64) {
	v := p.Value.Data()
	h := fnv.New64a()
	h.Write([]byte(p.Name))
	s := tensor.NewStream(seed, h.Sum64())
	switch p.start.kind {
	case zeros:
		clear(v)
	case ones:
		for i := range v {
			v[i] = 1
		}
	case uniform:
		s.Uniform(v, 0)
		for i, u := range v {
			v[i] = float32(p.start.bound * (2*float64(u) - 1))
		}
	case normal:
		s.Normal(v, 0)
	case orthogonal:
		s.Normal(v, 0)
		shape := p.Value.Shape()
		orthonormalise(v, shape[len(shape)-1])
	}
}

// fanIn is the distribution of the parameters of a product over n inputs.
func fanIn(n int) start { return start{uniform, 1 / math.Sqrt(float64(n))} }

// glorot is the distribution of a linear map from in to out numbers in Glorot and Bengio (2010), and in TensorFlow.
func glorot(in, out int) start { return start{uniform, math.Sqrt(6 / float64(in+out))} }

// newParam makes a parameter of given layout, all zero.
func newParam(p Param, value ...int) *Param {
	p.Value = tensor.New(value...)
	p.node = autodiff.Variable(p.Value).Named(p.Name)
	return &p
}

// vector returns a parameter that has the same layout in the file and out of it.
func vector(name string, s start, shape ...int) *Param {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return newParam(Param{Name: name, File: shape, at: func(o, i, _ int) int { return o*(n/shape[0]) + i }, start: s}, shape...)
}

// matrix returns the weight of a linear map from in to out channels.
func matrix(name string, s start, in, out int) *Param {
	return newParam(Param{Name: name, File: asLinear.shape(out, in, 1), at: func(o, i, _ int) int { return i*out + o }, start: s}, in, out)
}

// stored says as which of PyTorch's layers a weight stands in a file: the number of axes of taps.
type stored int

const (
	asLinear stored = iota // (out, in)
	asConv1d               // (out, in, size)
	asConv2d               // (out, in, size, size)
)

// shape returns the shape in a file of a weight with size taps along each axis of taps.
func (s stored) shape(out, in, size int) tensor.Shape {
	return append(tensor.Shape{out, in}, slices.Repeat([]int{size}, int(s))...)
}

// kernel returns the weight of a convolution with size×size taps, tied by k.
func kernel(name string, s start, k tensor.Kernel, size, in, out int) *Param {
	orbit := slices.Repeat([]int{-1}, size*size) // of each tap; −1: it has no weight
	for i, taps := range k {
		for _, t := range taps {
			orbit[(t[0]+(size-1)/2)*size+t[1]+(size-1)/2] = i
		}
	}
	p := Param{Name: name, File: asConv2d.shape(out, in, size), start: s}
	p.at = func(o, i, t int) int {
		if orbit[t] < 0 {
			return -1
		}
		return (orbit[t]*in+i)*out + o
	}
	return newParam(p, len(k), in, out)
}

// count returns how many taps a kernel has.
func count(k tensor.Kernel) (n int) {
	for _, orbit := range k {
		n += len(orbit)
	}
	return n
}

// each calls f for each place of the file, ascending, until f returns false. value is the place in the value of the number there, −1 for a
// tap without a weight.
func (p *Param) each(f func(file, value int) bool) {
	outs, ins := p.File[0], 1
	if len(p.File) > 1 {
		ins = p.File[1]
	}
	taps := p.File.Size() / (outs * ins)
	file := 0
	for o := range outs {
		for i := range ins {
			for t := range taps {
				if !f(file, p.at(o, i, t)) {
					return
				}
				file++
			}
		}
	}
}

// expand sets file, in the file's layout, to the value v.
func (p *Param) expand(file, v []float32) {
	p.each(func(f, at int) bool {
		if file[f] = 0; at >= 0 {
			file[f] = v[at]
		}
		return true
	})
}

// fold sets v to the values in file, or returns a *TieError where two that are one in v differ in any bit, or one
// that has no place in v is not 0.
func (p *Param) fold(v, file []float32) error {
	first := make([]int, len(v)) // 1 + the first place in the file
	var tie *TieError
	p.each(func(f, at int) bool {
		switch {
		case at < 0:
			if file[f] != 0 {
				tie = &TieError{Name: p.Name, Shape: p.File, Other: p.place(f), Got: file[f]}
			}
			return tie == nil
		case first[at] == 0:
			first[at], v[at] = f+1, file[f]
		case math.Float32bits(file[f]) != math.Float32bits(v[at]):
			tie = &TieError{p.Name, p.File, p.place(first[at] - 1), p.place(f), v[at], file[f]}
			return false
		}
		return true
	})
	if tie != nil {
		return tie
	}
	return nil
}

// place returns the indices of element f of the file's tensor.
func (p *Param) place(f int) []int {
	at := make([]int, len(p.File))
	for d := len(at) - 1; d >= 0; d-- {
		at[d] = f % p.File[d]
		f /= p.File[d]
	}
	return at
}

// A TieError says that a tensor in a file does not have the symmetry of the network.
type TieError struct {
	Name         string       // of the tensor
	Shape        tensor.Shape // (out, in, h, w) of a kernel
	First, Other []int        // the places of two elements that must be equal; no First: of one that must be 0
	Want, Got    float32      // what they are
}

// Error says which elements differ, and the two ways out.
func (e *TieError) Error() string {
	if e.First == nil {
		return fmt.Sprintf("tensor %s %v: element %v is %v, but the network's kernels have no such tap (\"taps\" in its configuration)", e.Name,
			e.Shape, e.Other, e.Got)
	}
	return fmt.Sprintf("tensor %s %v: elements %v and %v are %v and %v, but the group ties them: the network has one weight for both; "+
		"load it into a plain network (group C1), or tie the weights first", e.Name, e.Shape, e.First, e.Other, e.Want, e.Got)
}
