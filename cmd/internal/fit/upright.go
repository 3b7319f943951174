package fit

import (
	"slices"

	"spdiff/group"
	"spdiff/tensor"
)

// An upright is an element that says which way up an image is, so that colours which are denoised one by one turn together: one
// of them alone may have a symmetry that the image has not. It is the element κ whose κ⁻¹x is the least of all, number by number;
// it moves with x to the last bit.
type upright struct {
	group   group.Group
	element int // κ⁻¹
	equal   int // elements that give the same image; above 1 it has a symmetry of its own
}

func uprightOf(g group.Group, img *tensor.Tensor) upright {
	u := upright{group: g, equal: 1}
	least := img
	for a := 1; a < g.Order(); a++ {
		z := Acted(g, a, img)
		switch slices.Compare(z.Data(), least.Data()) {
		case 0:
			u.equal++
		case -1:
			u.element, u.equal, least = a, 1, z
		}
	}
	return u
}

// turned returns κ⁻¹x, and back κx.
func (u upright) turned(x *tensor.Tensor) *tensor.Tensor { return Acted(u.group, u.element, x) }
func (u upright) back(x *tensor.Tensor) *tensor.Tensor {
	return Acted(u.group, u.group.Inverse(u.element), x)
}

// Acted returns an image (H, W, C) on which an element has acted.
func Acted(g group.Group, a int, x *tensor.Tensor) *tensor.Tensor {
	s := x.Shape()
	z := tensor.New(s...)
	g.Act(z.Data(), x.Data(), a, 1, s[0], s[1], s[2])
	return z
}
