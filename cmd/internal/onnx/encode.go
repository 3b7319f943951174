package onnx

import (
	"fmt"
	"io"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// What this package writes: the version of the operators, and the oldest of the file that has them.
const (
	Opset     = 17
	irVersion = 8
)

// Limit is the most bytes that a file has: a protobuf message is shorter than 2 GiB.
const Limit = math.MaxInt32

// A SizeError says that a graph is too large for one file.
type SizeError struct{ Bytes int64 }

// Error says how large the file would be.
func (e *SizeError) Error() string {
	return fmt.Sprintf("the ONNX file would have %.2f GiB, and a protobuf message is shorter than 2 GiB (larger models need files of "+
		"external data, which are not written here): export a model with fewer parameters", float64(e.Bytes)/(1<<30))
}

// CheckSize returns a *SizeError if a file of so many bytes is too large.
func CheckSize(bytes int64) error {
	if bytes > Limit {
		return &SizeError{bytes}
	}
	return nil
}

// A Property is an entry of a file's metadata.
type Property struct{ Key, Value string }

// Write writes the graph as a file, with who made it, and the metadata in the given order. Weights are written from where they
// are, and take no more memory. A file that would be too large is a *SizeError, before anything is written.
func (g *Graph) Write(w io.Writer, producer, version string, metadata []Property) error {
	graph := g.pieces()
	var size int64
	for _, p := range graph {
		size += int64(len(p))
	}
	head := integer(nil, 1, irVersion)
	head = text(text(head, 2, producer), 3, version)
	head = protowire.AppendVarint(protowire.AppendTag(head, 7, protowire.BytesType), uint64(size))
	tail := message(nil, 8, integer(text(nil, 1, ""), 2, Opset))
	for _, p := range metadata {
		tail = message(tail, 14, text(text(nil, 1, p.Key), 2, p.Value))
	}
	if err := CheckSize(int64(len(head)) + size + int64(len(tail))); err != nil {
		return err
	}
	for _, p := range append(append([][]byte{head}, graph...), tail) {
		if _, err := w.Write(p); err != nil {
			return err
		}
	}
	return nil
}

// pieces returns the GraphProto in pieces.
func (g *Graph) pieces() (pieces [][]byte) {
	var b []byte
	for _, n := range g.nodes {
		b = message(b, 1, n.encode())
	}
	pieces = append(pieces, text(b, 2, "spdiff"))
	for _, c := range g.constants {
		pieces = append(pieces, c.head(), c.raw)
	}
	b = nil
	for _, p := range g.inputs {
		b = message(b, 11, p.encode())
	}
	for _, p := range g.outputs {
		b = message(b, 12, p.encode())
	}
	return append(pieces, b)
}

// head returns the field of a TensorProto up to its numbers, which end it.
func (c constant) head() []byte {
	var b []byte
	for _, d := range c.dims {
		b = integer(b, 1, d)
	}
	b = text(integer(b, 2, int(c.kind)), 8, c.name)
	b = protowire.AppendVarint(protowire.AppendTag(b, 9, protowire.BytesType), uint64(len(c.raw)))
	z := protowire.AppendTag(nil, 5, protowire.BytesType)
	return append(protowire.AppendVarint(z, uint64(len(b)+len(c.raw))), b...)
}

// encode returns a NodeProto.
func (n node) encode() (b []byte) {
	for _, a := range n.args {
		b = text(b, 1, string(a))
	}
	b = text(text(text(b, 2, n.name), 3, n.name), 4, n.op)
	for _, a := range n.attributes {
		b = message(b, 5, a.encode())
	}
	return b
}

// encode returns an AttributeProto.
func (a Attribute) encode() []byte {
	b := text(nil, 1, a.Name)
	switch v := a.Value.(type) {
	case float32:
		b = protowire.AppendFixed32(protowire.AppendTag(b, 2, protowire.Fixed32Type), math.Float32bits(v))
		return integer(b, 20, 1)
	case int:
		return integer(integer(b, 3, v), 20, 2)
	case []int:
		for _, i := range v {
			b = integer(b, 8, i)
		}
		return integer(b, 20, 7)
	}
	panic(fmt.Sprintf("onnx: attribute %s is a %T", a.Name, a.Value))
}

// encode returns a ValueInfoProto.
func (p port) encode() []byte {
	var shape []byte
	for _, d := range p.dims {
		if d == Batch {
			shape = message(shape, 1, text(nil, 2, "batch"))
		} else {
			shape = message(shape, 1, integer(nil, 1, d))
		}
	}
	return message(text(nil, 1, p.name), 2, message(nil, 1, message(integer(nil, 1, int(p.kind)), 2, shape)))
}

// integer appends a field with a number.
func integer(b []byte, field protowire.Number, v int) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, field, protowire.VarintType), uint64(int64(v)))
}

// text appends a field with a text.
func text(b []byte, field protowire.Number, v string) []byte {
	return protowire.AppendString(protowire.AppendTag(b, field, protowire.BytesType), v)
}

// message appends a field with a message.
func message(b []byte, field protowire.Number, v []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, field, protowire.BytesType), v)
}
