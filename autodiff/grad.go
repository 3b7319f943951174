package autodiff

import (
	"cmp"
	"fmt"
	"slices"

	"spdiff/tensor"
)

// Grad returns ∂y/∂w for each w of wrt, as nodes of the same graph: they may be
// computed with and differentiated again. The gradient by a node that y does
// not depend on is zero. It panics with a *ShapeError if y is no scalar, and
// with a *NoGradientError if an operation on the way has no derivative.
//
// Reverse-mode differentiation: contributions to a node's gradient are added
// in the reverse order of the making of the nodes that they come from.
func Grad(y *Node, wrt ...*Node) []*Node {
	if len(y.Shape()) != 0 {
		panic(&ShapeError{"grad", []tensor.Shape{y.Shape()}, "a gradient is of a scalar; VJP takes any shape"})
	}
	return VJP(y, scalar(1), wrt...)
}

// VJP returns the vector-Jacobian products Σᵢ dyᵢ·∂yᵢ/∂w for each w of wrt:
// Grad of any y, given the gradient dy of some scalar by it. dy has y's shape.
func VJP(y, dy *Node, wrt ...*Node) []*Node {
	checkSame("grad", y, dy)
	grads := backward(y, dy, wrt, false)
	for i, w := range wrt {
		if grads[i] == nil {
			grads[i] = Zeros(w.Shape()...)
		}
	}
	return grads
}

// A NoGradientError is the panic value of a derivative through an operation
// that has none.
type NoGradientError struct {
	Op    string // the operation
	Label string // its label, see Node.Named
}

// Error names the operation, and the way out where no derivative is wanted.
func (e *NoGradientError) Error() string {
	return fmt.Sprintf("autodiff: operation %s %q has no derivative; StopGradient says that none is wanted", e.Op, e.Label)
}

// backward accumulates the gradients of wrt, nil where there is none. If partial, the nodes of wrt count
// as independent of each other even where one is computed from another.
func backward(y, dy *Node, wrt []*Node, partial bool) []*Node {
	between := dependents(y, wrt, partial)
	adjoint := map[*Node]*Node{y: dy}
	for _, n := range slices.Backward(between) {
		dn := adjoint[n]
		if dn == nil || n.kind != operation || partial && slices.Contains(wrt, n) {
			continue
		}
		for i, d := range vjp(n, dn) {
			a := n.args[i]
			if d == nil || !contains(between, a) {
				continue
			}
			if sum := adjoint[a]; sum != nil {
				d = Add(sum, d)
			}
			adjoint[a] = d
		}
	}
	grads := make([]*Node, len(wrt))
	for i, w := range wrt {
		grads[i] = adjoint[w]
	}
	return grads
}

// vjp returns the gradients of n's arguments, given that of n, and checks them.
func vjp(n, dn *Node) []*Node {
	since := serial.Load()
	grads := rule(n, dn)
	for i, d := range grads {
		if d == nil {
			continue
		}
		if a := n.args[i]; !slices.Equal(d.Shape(), a.Shape()) {
			panic(&ShapeError{"gradient of " + n.op.name, []tensor.Shape{a.Shape(), d.Shape()}, "an argument and its gradient differ in shape"})
		}
		if n.label != "" {
			d.spreadLabel("∂"+n.label, since)
		}
	}
	return grads
}

// rule applies n's gradient, or the chain rule to n's expansion.
func rule(n, dn *Node) []*Node {
	switch {
	case n.op.grad != nil:
		return n.op.grad(n, dn)
	case n.op.expand != nil:
		grads := backward(n.op.expand(n.args), dn, n.args, true)
		for i, a := range n.args {
			if slices.Contains(n.args[:i], a) { // the first place got it all
				grads[i] = nil
			}
		}
		return grads
	}
	panic(&NoGradientError{n.op.name, n.label})
}

// dependents returns, in order of making, the nodes that y is computed from
// and that depend on one of wrt, these included. If partial, the search ends
// at the nodes of wrt.
func dependents(y *Node, wrt []*Node, partial bool) []*Node {
	var found []*Node
	known := map[*Node]bool{}
	var visit func(n *Node) bool
	visit = func(n *Node) bool {
		depends, ok := known[n]
		if ok {
			return depends
		}
		isWrt := slices.Contains(wrt, n)
		depends = isWrt
		if !isWrt || !partial {
			for _, a := range n.args {
				depends = visit(a) || depends
			}
		}
		known[n] = depends
		if depends {
			found = append(found, n)
		}
		return depends
	}
	visit(y)
	slices.SortFunc(found, byMaking)
	return found
}

func byMaking(a, b *Node) int { return cmp.Compare(a.id, b.id) }

// contains reports whether n is among nodes, which are in order of making.
func contains(nodes []*Node, n *Node) bool {
	_, ok := slices.BinarySearchFunc(nodes, n, byMaking)
	return ok
}
