package nn

import "spdiff/autodiff"

// A ProjectionHead judges vectors x by how real they are and how well they fit their class y (Miyato and Koyama, cGANs with
// projection discriminator, 2018):
//
//	D = wᵀx + b + ⟨x, E(y)⟩,
//
// w with a SpectralNorm, E a table with a row for each class.
type ProjectionHead struct {
	linear *SpectralLinear
	table  *Embedding    // nil: there are no classes
	norm   *SpectralNorm // of the table, nil: there is none
}

// NewProjectionHead returns a head for vectors of length numbers. Its parameters are name.linear and name.embedding; spectral says
// whether the table has a SpectralNorm too.
func NewProjectionHead(name string, length, classes int, spectral bool) *ProjectionHead {
	h := &ProjectionHead{linear: NewSpectralLinear(name+".linear", length, 1)}
	if classes > 0 {
		h.table = NewEmbedding(name+".embedding", classes, length)
		h.table.Weight.start = fanIn(length)
	}
	if classes > 0 && spectral {
		h.norm = NewSpectralNorm(h.table.Weight)
	}
	return h
}

// Params returns the parameters.
func (h *ProjectionHead) Params() []*Param {
	if h.table == nil {
		return h.linear.Params()
	}
	return Chain{h.linear, h.table}.Params()
}

// Buffers returns those of the norms.
func (h *ProjectionHead) Buffers() []*Param {
	all := h.linear.Buffers()
	if h.norm != nil {
		all = append(all, h.norm.Buffers()...)
	}
	return all
}

// Apply returns D (N, 1) of x (N, length), given c.Class if there are classes.
func (h *ProjectionHead) Apply(x *autodiff.Node, c *Conditions) *autodiff.Node {
	z := h.linear.Apply(x, c)
	if h.table == nil {
		return z
	}
	if c == nil || c.Class == nil {
		panic(&ConditionError{h.linear.name, "Class"})
	}
	table := h.table.Weight.node
	if h.norm != nil {
		table = h.norm.Of(c)
	}
	fit := autodiff.Mul(x, autodiff.Embedding(c.Class, table))
	return autodiff.Add(z, autodiff.SumTo(fit, x.Shape()[0], 1))
}
