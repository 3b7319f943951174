package onnx

import (
	"fmt"
	"math"
	"reflect"
	"slices"

	"spdiff/autodiff"
)

// The numbers of images of the two graphs that are compared. Neither is 1, which broadcasts.
const first, second = 2, 3

// A BatchError says that a graph cannot be one of any number of images.
type BatchError struct {
	Op, Label string // the node
	Reason    string
}

// Error names the node and the reason.
func (e *BatchError) Error() string {
	return fmt.Sprintf("onnx: operation %s %q depends on the number of images in a way that a graph for any number cannot: %s", e.Op, e.Label, e.Reason)
}

// A match has for each node of the graph of the first number of images that of the second.
type match map[*autodiff.Node]*autodiff.Node

// add compares a with b and what they are made of.
func (m match) add(a, b *autodiff.Node) error {
	if known, ok := m[a]; ok {
		if known != b {
			return batchError(a, "it stands for two nodes of the other graph")
		}
		return nil
	}
	m[a] = b
	if err := compare(a, b); err != nil {
		return err
	}
	args, others := a.Args(), b.Args()
	for i := range args {
		if err := m.add(args[i], others[i]); err != nil {
			return err
		}
	}
	return nil
}

// compare returns an error unless a and b are the same operation, and all but their sizes is equal.
func compare(a, b *autodiff.Node) error {
	switch {
	case a.Op() != b.Op() || len(a.Args()) != len(b.Args()) || len(a.Shape()) != len(b.Shape()):
		return batchError(a, fmt.Sprintf("for %d images it is %s of %v, for %d %s of %v", first, a.Op(), a.Shape(), second, b.Op(), b.Shape()))
	case !reflect.DeepEqual(a.Attributes(), b.Attributes()):
		return batchError(a, "its attributes differ")
	case !sameValue(a, b):
		return batchError(a, "its numbers differ")
	}
	for i, d := range a.Shape() {
		if e := b.Shape()[i]; d != e && (d%first != 0 || d/first*second != e) {
			return batchError(a, fmt.Sprintf("axis %d has %d and %d numbers, for %d and %d images", i, d, e, first, second))
		}
	}
	return nil
}

// sameValue reports whether variables are one, and constants have the same bits.
func sameValue(a, b *autodiff.Node) bool {
	if a.Value() == b.Value() {
		return true
	}
	return a.Op() == "constant" && slices.Equal(a.Shape(), b.Shape()) && slices.EqualFunc(a.Value().Data(), b.Value().Data(),
		func(x, y float32) bool { return math.Float32bits(x) == math.Float32bits(y) })
}

func batchError(n *autodiff.Node, reason string) error { return &BatchError{n.Op(), n.Label(), reason} }

// dims returns the shape of a node, Batch·k where it is k times the number of images.
func (m match) dims(n *autodiff.Node) []int {
	dims := slices.Clone([]int(n.Shape()))
	for i, d := range m[n].Shape() {
		if dims[i] != d {
			dims[i] = Batch * (dims[i] / first)
		}
	}
	return dims
}

// free reports whether the shape of a node does not depend on the batch.
func (m match) free(n *autodiff.Node) bool { return slices.Equal(n.Shape(), m[n].Shape()) }
