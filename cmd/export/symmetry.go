package main

import (
	"spdiff/cmd/internal/onnx"
	"spdiff/group"
)

// rows returns the indices by which a Gather moves images: for each element a of the group, in order, the permutation of the pixels by
// f(a), shifted by a·apart.
func (e *exporter) rows(f func(a int) int, apart int) onnx.Value {
	g, n := e.config.Group, e.config.Network
	var rows []int
	for a := range g.Order() {
		for _, p := range g.Permutation(f(a), n.ImageHeight, n.ImageWidth) {
			rows = append(rows, a*apart+int(p))
		}
	}
	return e.Ints("", rows, len(rows))
}

func itself(a int) int { return a }

// averaged adds the average of the network over the group (eq. 12 of the paper), 1/|G| Σ_κ A_κ⁻¹ F(A_κ x): |G| images for each, side
// by side. An average of F is one of D, which depends on it linearly.
func (e *exporter) averaged(in evaluation) (onnx.Value, error) {
	e.Label = "average"
	n, order := e.config.Network, e.config.Group.Order()
	pixels := n.ImageHeight * n.ImageWidth
	moved := evaluation{times: e.Repeat(in.times, order)}
	for _, x := range in.images {
		moved.images = append(moved.images, e.Reshape(e.Gather(x, e.rows(itself, 0), 1), -1, pixels, n.Out))
	}
	if in.classes != "" {
		moved.classes = e.Repeat(in.classes, order)
	}
	z, err := e.network(moved)
	if err != nil {
		return "", err
	}
	z = e.Gather(e.Reshape(z, -1, order*pixels, n.Out), e.rows(e.config.Group.Inverse, pixels), 1)
	z = e.Add("ReduceMean", []onnx.Attribute{{Name: "axes", Value: []int{1}}, {Name: "keepdims", Value: 0}}, e.Reshape(z, -1, order, pixels*n.Out))
	return z, nil
}

// canonical adds the network in the canonical frame κ = argmax ⟨w, κ⁻¹x⟩ of each image, A_κ F(A_κ⁻¹ x); where the inputs are the same
// in several frames, as those of an image with a symmetry, the mean over these. See sde.CanonicalN.
func (e *exporter) canonical(in evaluation) (onnx.Value, error) {
	e.Label = "frame"
	n, order := e.config.Network, e.config.Group.Order()
	size := n.ImageHeight * n.ImageWidth * n.Out
	weights, err := e.template()
	if err != nil {
		return "", err
	}
	scores := e.Do("MatMul", e.Cast(e.Reshape(in.images[0], -1, size), onnx.Double), weights)
	kappa := e.Add("ArgMax", []onnx.Attribute{{Name: "axis", Value: 1}, {Name: "keepdims", Value: 1}}, scores)
	framed, same := evaluation{times: in.times, classes: in.classes}, onnx.Value("")
	for _, x := range in.images {
		all := e.Reshape(e.Gather(x, e.rows(e.config.Group.Inverse, 0), 1), -1, order, size)
		one := e.Add("GatherND", []onnx.Attribute{{Name: "batch_dims", Value: 1}}, all, kappa)
		framed.images = append(framed.images, one)
		equal := e.Cast(e.Do("Equal", all, e.Reshape(one, -1, 1, size)), onnx.Float)
		equal = e.Add("ReduceMin", []onnx.Attribute{{Name: "axes", Value: []int{2}}, {Name: "keepdims", Value: 1}}, equal)
		if same != "" {
			equal = e.Do("Mul", same, equal)
		}
		same = equal
	}
	z, err := e.network(framed)
	if err != nil {
		return "", err
	}
	z = e.Reshape(e.Gather(z, e.rows(itself, 0), 1), -1, order, size)
	return e.Do("Div", e.Sum(e.Do("Mul", z, same), false, 1), e.Sum(same, false, 1)), nil
}

// template returns the weights of the frames' scores, (H·W·C, |G|), of float64 numbers as ours are: so frames differ only where two
// are equally good but for the rounding.
func (e *exporter) template() (onnx.Value, error) {
	g, n := e.config.Group, e.config.Network
	frame, err := group.NewFrame(g, n.ImageHeight, n.ImageWidth, n.Out)
	if err != nil {
		return "", err
	}
	size := n.ImageHeight * n.ImageWidth * n.Out
	z := make([]float64, size*g.Order())
	for a := range g.Order() {
		for i, w := range frame.Weights(a) {
			z[i*g.Order()+a] = w
		}
	}
	return e.Doubles("frame.template", z, size, g.Order()), nil
}
