package main

import (
	"spdiff"
	"spdiff/autodiff"
	"spdiff/cmd/internal/onnx"
)

// graph returns what a model predicts as a graph of ONNX: the network, and around it what its method does.
func graph(m *spdiff.Model) (*onnx.Graph, error) {
	c := m.Config()
	g, n := onnx.New(), c.Network
	shape := []int{onnx.Batch, n.Out, n.ImageHeight, n.ImageWidth}
	image := func(name string) onnx.Value { return g.Input(name, onnx.Float, shape...) }
	in := evaluation{images: []onnx.Value{image("sample")}, times: g.Input("timestep", onnx.Float, onnx.Batch)}
	if n.Classes > 0 {
		in.classes = g.Input("class_labels", onnx.Int64, onnx.Batch)
	}
	if c.Condition {
		in.images = append(in.images, image("condition"))
	}
	e := &exporter{Graph: g, model: m, config: c}
	for i, x := range in.images {
		in.images[i] = e.pixels(x)
	}
	if n.Classes > 0 {
		in.classes = e.named(in.classes)
	}
	z, err := e.method()(in)
	if err != nil {
		return nil, err
	}
	z = g.Transpose(g.Reshape(z, -1, n.ImageHeight, n.ImageWidth, n.Out), 0, 3, 1, 2)
	g.Output("out_sample", z, onnx.Float, shape...)
	return g, nil
}

// An exporter makes the graph of a model. Images are (N, H·W, C) in it.
type exporter struct {
	*onnx.Graph
	model  *spdiff.Model
	config spdiff.Config
}

// An evaluation is what a network is told.
type evaluation struct {
	images         []onnx.Value // the noisy ones, and what they are conditioned on
	times, classes onnx.Value   // classes: numbers of float32, "" if there are none
}

// pixels returns images (N, C, H, W) as (N, H·W, C).
func (e *exporter) pixels(x onnx.Value) onnx.Value {
	n := e.config.Network
	return e.Reshape(e.Transpose(x, 0, 2, 3, 1), -1, n.ImageHeight*n.ImageWidth, n.Out)
}

// named returns classes as the network takes them. They are looked up in a list, for a runtime to refuse one that does not exist.
func (e *exporter) named(labels onnx.Value) onnx.Value {
	list := make([]float32, e.config.Network.ClassRows())
	for i := range list {
		list[i] = float32(i)
	}
	return e.Gather(e.Floats("classes", list, len(list)), labels, 0)
}

// method returns the evaluation of a network by the model's method.
func (e *exporter) method() func(in evaluation) (onnx.Value, error) {
	switch e.config.Method {
	case spdiff.OC, spdiff.RegOC:
		return e.averaged
	case spdiff.CF:
		return e.canonical
	}
	return e.network
}

// network adds the network alone.
func (e *exporter) network(in evaluation) (onnx.Value, error) {
	n := e.config.Network
	var args []onnx.Value
	for _, x := range in.images {
		args = append(args, e.Reshape(x, -1, n.ImageHeight, n.ImageWidth, n.Out))
	}
	args = append(args, in.times)
	if in.classes != "" {
		args = append(args, in.classes)
	}
	z, err := e.Apply(func(n int) ([]*autodiff.Node, *autodiff.Node) {
		g := e.model.Graph(n)
		var inputs []*autodiff.Node
		for _, in := range []*autodiff.Node{g.X, g.Condition, g.Time, g.Class} {
			if in != nil {
				inputs = append(inputs, in)
			}
		}
		return inputs, g.Output
	}, args...)
	return e.Reshape(z, -1, n.ImageHeight*n.ImageWidth, n.Out), err
}
