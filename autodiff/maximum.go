package autodiff

import (
	"fmt"

	"spdiff/tensor"
)

// Maximum returns the larger of x and y, elementwise, NaN where either is NaN. Its gradient goes to the larger one, or half to each
// if they are equal. So value and gradient are symmetric in x and y; asm.Larger is not, for zeros and NaN.
func Maximum(x, y *Node) *Node {
	o := binary("maximum", x, y, func(z, x, y []float32) {
		for i, v := range x {
			z[i] = max(v, y[i])
		}
	})
	o.expand = func(a []*Node) *Node { return Add(a[1], ReLU(Sub(a[0], a[1]))) }
	o.grad = func(_, dz *Node) []*Node {
		dx := Mul(dz, larger(x, y))
		return []*Node{dx, Sub(dz, dx)}
	}
	return apply(o, x, y)
}

// larger returns 1 where x > y, 0 where x < y, and ½ where they are equal.
func larger(x, y *Node) *Node {
	o := binary("larger", x, y, func(z, x, y []float32) {
		for i, v := range x {
			switch {
			case v > y[i]:
				z[i] = 1
			case v < y[i]:
				z[i] = 0
			default:
				z[i] = 0.5
			}
		}
	})
	o.expand = func(a []*Node) *Node { return Shift(Scale(Sign(Sub(a[0], a[1])), 0.5), 0.5) }
	o.grad = func(_, _ *Node) []*Node { return []*Node{nil, nil} }
	return apply(o, x, y)
}

// MaxPool2 halves images: each pixel of the result is the largest of 2×2 pixels of x, channel by channel, which every flip and
// quarter turn keeps. (N, H, W, C) becomes (N, H/2, W/2, C). It panics with a *ShapeError if x has not four axes or H or W is odd.
func MaxPool2(x *Node) *Node {
	s := x.Shape()
	if len(s) != 4 || s[1]%2 != 0 || s[2]%2 != 0 {
		panic(&ShapeError{"maxpool2", []tensor.Shape{s}, "the shape must be (N, H, W, C), both sides even"})
	}
	n, h, w, c := s[0], s[1]/2, s[2]/2, s[3]
	x = MaxPlanes(Reshape(x, n, 2*h, w, 2*c), 2) // neighbours in a row
	x = MaxPlanes(Reshape(x, n, h, 2*w*c), 2)    // and in a column
	return Reshape(x, n, h, w, c)
}

// MaxPlanes returns the largest number of each channel over all planes of the last axis, (…, planes·C) to (…, C): what stays as it
// is when a group permutes planes. It panics with a *ShapeError unless planes is a power of 2 that divides the axis.
func MaxPlanes(x *Node, planes int) *Node { return overPlanes("maxplanes", x, planes, Maximum) }

// SumPlanes returns the sum of each channel over all planes of the last axis, (…, planes·C) to (…, C): the second half is added to
// the first, and so on, which is the group's tree where planes are in the order of group.Group.Halves. It panics as MaxPlanes does.
func SumPlanes(x *Node, planes int) *Node { return overPlanes("sumplanes", x, planes, Add) }

// overPlanes joins the second half of the planes to the first until there is one.
func overPlanes(name string, x *Node, planes int, join func(x, y *Node) *Node) *Node {
	checkRank(name, x, 1)
	_, c := rows(x.Shape())
	if planes < 1 || planes&(planes-1) != 0 || c%planes != 0 {
		reason := fmt.Sprintf("%d planes are no power of 2 that divides the last axis", planes)
		panic(&ShapeError{name, []tensor.Shape{x.Shape()}, reason})
	}
	for ; planes > 1; planes /= 2 {
		c /= 2
		x = join(Slice(x, 0, c), Slice(x, c, 2*c))
	}
	return x
}
