package nn

import (
	"fmt"
	"hash/fnv"
	"math"

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
// An orbit is a set of taps that share one weight; a plain kernel has one tap in each. In a file, a tied kernel stands
// expanded.
type Param struct {
	Name  string         // PyTorch's, as "input_blocks.1.0.in_layers.2.weight"
	Value *tensor.Tensor // trained in place
	File  tensor.Shape   // PyTorch's

	node    *autodiff.Node
	in, out int
	orbits  [][]int // of taps, in raster order of the kernel
	start   start
}

// A start is a distribution of first values.
type start struct {
	kind  startKind
	bound float64
}

type startKind uint8

const (
	zeros   startKind = iota
	ones              // gains of norms
	uniform           // on (−bound, bound)
	normal            // with variance 1
)

// Node returns the variable that stands for the parameter in every graph.
func (p *Param) Node() *autodiff.Node { return p.node }

// Len returns the number of values that are trained: a tied weight counts once.
func (p *Param) Len() int { return len(p.Value.Data()) }

// String returns the name and PyTorch's shape.
func (p *Param) String() string { return fmt.Sprintf("%s %v", p.Name, p.File) }

// Init sets the first values as PyTorch does: weights of products, and their biases, uniform on ±1/√(fan in), which is
// kaiming_uniform_ with a = √5; embeddings normal; gains 1; ends of residual branches 0, as in ADM. They are a function of
// the seed and of the parameter's name alone.
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
	}
}

// fanIn is the distribution of the parameters of a product over n inputs.
func fanIn(n int) start { return start{uniform, 1 / math.Sqrt(float64(n))} }

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
	return newParam(Param{Name: name, File: shape, in: 1, out: n, orbits: [][]int{{0}}, start: s}, shape...)
}

// matrix returns the weight of a linear map from in to out channels, whose shape in the file ends in tail.
func matrix(name string, s start, in, out int, tail ...int) *Param {
	file := append(tensor.Shape{out, in}, tail...)
	return newParam(Param{Name: name, File: file, in: in, out: out, orbits: [][]int{{0}}, start: s}, in, out)
}

// kernel returns the weight of a convolution with size×size taps, tied by k.
func kernel(name string, s start, k tensor.Kernel, size, in, out int) *Param {
	p := Param{Name: name, File: tensor.Shape{out, in, size, size}, in: in, out: out, start: s}
	for _, orbit := range k {
		var taps []int
		for _, t := range orbit {
			taps = append(taps, (t[0]+(size-1)/2)*size+t[1]+(size-1)/2)
		}
		p.orbits = append(p.orbits, taps)
	}
	return newParam(p, len(k), in, out)
}

// taps returns how many taps the kernel has, 1 if there is none.
func (p *Param) taps() (n int) {
	for _, o := range p.orbits {
		n += len(o)
	}
	return n
}

// expand sets file, in the file's layout, to the value v.
func (p *Param) expand(file, v []float32) {
	taps := p.taps()
	for i, orbit := range p.orbits {
		for c := range p.in {
			for o := range p.out {
				for _, t := range orbit {
					file[(o*p.in+c)*taps+t] = v[(i*p.in+c)*p.out+o]
				}
			}
		}
	}
}

// fold sets v to the values in file, or returns a *TieError where taps that share a weight differ in any bit.
func (p *Param) fold(v, file []float32) error {
	taps := p.taps()
	for i, orbit := range p.orbits {
		for c := range p.in {
			for o := range p.out {
				row := file[(o*p.in+c)*taps:][:taps]
				w := row[orbit[0]]
				for _, t := range orbit[1:] {
					if math.Float32bits(row[t]) != math.Float32bits(w) {
						return &TieError{p.Name, p.File, o, c, orbit[0], t, w, row[t]}
					}
				}
				v[(i*p.in+c)*p.out+o] = w
			}
		}
	}
	return nil
}

// A TieError says that a kernel in a file does not have the symmetry of the network.
type TieError struct {
	Name         string       // of the tensor
	Shape        tensor.Shape // (out, in, h, w)
	Out, In      int          // the channels
	First, Other int          // two taps that must be equal, by raster order
	Want, Got    float32      // their weights
}

// Error says which taps differ, and the two ways out.
func (e *TieError) Error() string {
	w := e.Shape[3]
	return fmt.Sprintf("tensor %s: out %d, in %d: taps (%d,%d) and (%d,%d) are %v and %v, but a tied kernel has one weight for them; "+
		"load it into a plain network (group C1), or tie the kernels first",
		e.Name, e.Out, e.In, e.First/w, e.First%w, e.Other/w, e.Other%w, e.Want, e.Got)
}
