package nn

import (
	"errors"
	"slices"
	"testing"

	"spdiff/autodiff"
	"spdiff/group"
)

// labelled returns what a network of labels makes of an image under labels, nil for none.
func labelled(t *testing.T, c UNetConfig, x, labels []float32) []float32 {
	t.Helper()
	u := randomUNet(t, c, 1)
	in, time, class := autodiff.Input("x", 1, 8, 8, c.In), autodiff.Input("t", 1), autodiff.Input("y", 1)
	given := &Conditions{Time: time, Class: class}
	if labels != nil {
		given.Labels = autodiff.Input("labels", 1, len(labels))
	}
	z := u.Apply(in, given)
	w := autodiff.Compile(z).NewWorkspace()
	copy(w.Input(in), x)
	w.Input(time)[0] = 300
	if labels != nil {
		copy(w.Input(given.Labels), labels)
	}
	w.Prepare()
	w.Run()
	return slices.Clone(w.Output(z))
}

// No labels are labels of zero, in every bit; others matter, and the network commutes with its group under all of them.
func TestLabels(t *testing.T) {
	for _, g := range []group.Group{group.C4, group.D4} {
		for _, features := range []Representation{Scalar, Regular} {
			c := small(g, 8, 8)
			c.Labels, c.Features, c.Width = 3, features, 16
			x, some := randomSlice(8*8*c.In, 5), []float32{1, -0.5, 2}
			none := labelled(t, c, x, nil)
			if !slices.Equal(none, labelled(t, c, x, make([]float32, 3))) {
				t.Errorf("%v: zeros are not the same as none", g)
			}
			if slices.Equal(none, labelled(t, c, x, some)) {
				t.Errorf("%v: labels do not matter", g)
			}
			from, to := group.Images{N: 1, H: 8, W: 8, C: c.In}, group.Images{N: 1, H: 8, W: 8, C: c.Out}
			if diff := group.Check(g, func(z, x []float32) { copy(z, labelled(t, c, x, some)) }, x, from, to); !diff.Exact {
				t.Errorf("%v, features %v: %v", g, features, diff)
			}
			total := int64(0)
			for _, p := range randomUNet(t, c, 1).Params() {
				total += int64(p.Len())
			}
			if total != c.Parameters() {
				t.Errorf("%d parameters, counted as %d", total, c.Parameters())
			}
		}
	}
	defer func() {
		err, _ := recover().(error)
		if e := (*autodiff.ShapeError)(nil); !errors.As(err, &e) {
			t.Errorf("labels of another number: %v", err)
		}
	}()
	labelled(t, small(group.C4, 8, 8), randomSlice(128, 1), []float32{1})
}
