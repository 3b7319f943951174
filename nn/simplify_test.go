package nn

import (
	"math"
	"slices"
	"testing"

	"spdiff/autodiff"
	"spdiff/group"
)

// Each kind of network is a graph of simple operations, as an export wants it, and computes the same.
func TestUNetSimplifies(t *testing.T) {
	for _, name := range Presets() {
		c, _ := Preset(name)
		c.ImageHeight, c.ImageWidth = 8<<(len(c.Mult)-3), 8<<(len(c.Mult)-3)
		c.Width, c.Groups, c.Head, c.Classes = 16, 8, 8, 3
		for _, over := range []struct {
			group    group.Group
			features Representation
		}{{group.C1, Scalar}, {group.C4, Scalar}, {group.D4, Scalar}, {group.C2, Regular}, {group.D4, Regular}} {
			c.Group, c.Features = over.group, over.features
			u := randomUNet(t, c, 7)
			r := newRunner(u, 2)
			simple := autodiff.Simplify(r.z)[0]
			checkSimple(t, simple)
			r.prepare(c)
			x := randomSlice(2*c.ImageHeight*c.ImageWidth*c.In, 3)
			want := make([]float32, 2*c.ImageHeight*c.ImageWidth*c.Out)
			r.run(want, x)
			r.z, r.w = simple, autodiff.Compile(simple).NewWorkspace()
			r.prepare(c)
			got := make([]float32, len(want))
			r.run(got, x)
			most, largest := 0.0, 0.0
			for i := range got {
				most = max(most, math.Abs(float64(got[i]-want[i])))
				largest = max(largest, math.Abs(float64(want[i])))
			}
			if !(most <= 2e-5*largest) || largest == 0 {
				t.Errorf("%s, %v features over %v: off by %.2g of %.2g", name, over.features, over.group, most, largest)
			}
		}
	}
}

// checkSimple fails if the graph of n has an operation that is not simple.
func checkSimple(t *testing.T, n *autodiff.Node) {
	t.Helper()
	seen := map[*autodiff.Node]bool{}
	var visit func(n *autodiff.Node)
	visit = func(n *autodiff.Node) {
		if seen[n] {
			return
		}
		seen[n] = true
		if !slices.Contains(append(autodiff.SimpleOps(), "input", "variable", "constant"), n.Op()) {
			t.Errorf("%s of %q is left", n.Op(), n.Label())
		}
		for _, a := range n.Args() {
			visit(a)
		}
	}
	visit(n)
}
