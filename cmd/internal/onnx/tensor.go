package onnx

import (
	"encoding/binary"
	"fmt"
	"math"
)

// A Type is that of the numbers of a tensor, as ONNX numbers them.
type Type int

const (
	Float  Type = 1
	Int64  Type = 7
	Double Type = 11
)

// A constant is an initialiser: a tensor that the file holds.
type constant struct {
	name string
	kind Type
	dims []int
	raw  []byte // little-endian
}

// Floats adds a constant of float32 numbers, named if name is not "", and returns it. Constants without a name that are equal are
// one. Like Doubles and Ints it panics if data is not as long as dims say.
func (g *Graph) Floats(name string, data []float32, dims ...int) Value {
	raw := make([]byte, 0, 4*len(data))
	for _, v := range data {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(v))
	}
	return g.constant(constant{name, Float, dims, raw}, len(data))
}

// Doubles adds a constant of float64 numbers, as Floats does.
func (g *Graph) Doubles(name string, data []float64, dims ...int) Value {
	raw := make([]byte, 0, 8*len(data))
	for _, v := range data {
		raw = binary.LittleEndian.AppendUint64(raw, math.Float64bits(v))
	}
	return g.constant(constant{name, Double, dims, raw}, len(data))
}

// Ints adds a constant of integers, as Floats does. Shapes, axes and places are such.
func (g *Graph) Ints(name string, data []int, dims ...int) Value {
	raw := make([]byte, 0, 8*len(data))
	for _, v := range data {
		raw = binary.LittleEndian.AppendUint64(raw, uint64(int64(v)))
	}
	return g.constant(constant{name, Int64, dims, raw}, len(data))
}

// list adds a list of integers.
func (g *Graph) list(v ...int) Value { return g.Ints("", v, len(v)) }

// scalar adds a number.
func (g *Graph) scalar(v float32) Value { return g.Floats("", []float32{v}) }

func (g *Graph) constant(c constant, n int) Value {
	size := 1
	for _, d := range c.dims {
		size *= d
	}
	if size != n {
		panic(fmt.Sprintf("onnx: constant %q has %d numbers, and its shape is %v", c.name, n, c.dims))
	}
	if c.name == "" {
		key := fmt.Sprint(c.kind, c.dims, string(c.raw))
		if v, ok := g.shared[key]; ok {
			return v
		}
		c.name = g.unique("constant")
		g.shared[key] = Value(c.name)
	} else {
		c.name = g.unique(c.name)
	}
	g.constants = append(g.constants, c)
	return Value(c.name)
}
