package nn

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"spdiff/group"
)

func grid(t testing.TB, g group.Group, h, w int) *Grid {
	t.Helper()
	grid, err := NewGrid(g, h, w)
	if err != nil {
		t.Fatal(err)
	}
	return grid
}

// Expanding a value and folding the result gives the value; the expanded kernel is invariant under the group.
func TestTiedKernelExpands(t *testing.T) {
	for _, g := range group.All() {
		for _, size := range []int{1, 3, 5, 7} {
			f := grid(t, g, 9, 9)
			p := NewConv2D("c", Scalars(f, 2), Scalars(f, 3), size).Weight
			p.Init(1)
			file := make([]float32, numel(p.File))
			p.expand(file, p.Value.Data())
			turned := make([]float32, len(file))
			for a := range g.Order() {
				g.Act(turned, file, a, 6, size, size, 1)
				if i := differs(turned, file); i >= 0 {
					t.Errorf("%v, %d taps across: the kernel changes under %s", g, size, g.ElementName(a))
				}
			}
			back := make([]float32, p.Len())
			if err := p.fold(back, file); err != nil {
				t.Errorf("%v: %v", g, err)
			}
			if i := differs(back, p.Value.Data()); i >= 0 {
				t.Errorf("%v, %d taps across: number %d changed on its way to the file and back", g, size, i)
			}
		}
	}
}

// A plain kernel's layouts: element (out 2, in 1, tap (0,2)) of OIHW is (tap 2, in 1, out 2) of the value.
func TestLayouts(t *testing.T) {
	f := grid(t, group.C1, 4, 4)
	p := NewConv2D("c", Scalars(f, 2), Scalars(f, 3), 3).Weight
	for i := range p.Value.Data() {
		p.Value.Data()[i] = float32(i)
	}
	file := make([]float32, numel(p.File))
	p.expand(file, p.Value.Data())
	if got, want := file[(2*2+1)*9+2], p.Value.Data()[(2*2+1)*3+2]; got != want {
		t.Errorf("out 2, in 1, tap 2 is %v in the file, %v in memory", got, want)
	}
	q := NewLinear("l", 2, 3).Weight
	copy(q.Value.Data(), []float32{0, 1, 2, 3, 4, 5}) // (in, out)
	file = file[:6]
	q.expand(file, q.Value.Data())
	if differs(file, []float32{0, 3, 1, 4, 2, 5}) >= 0 { // (out, in)
		t.Errorf("(in, out) 0 1 2, 3 4 5 is %v in the file", file)
	}
}

// One bit off in one tap breaks the tie, and the error says where.
func TestTieError(t *testing.T) {
	f := grid(t, group.C4, 4, 4)
	p := NewConv2D("stem", Scalars(f, 2), Scalars(f, 3), 3).Weight
	p.Init(1)
	file := make([]float32, numel(p.File))
	p.expand(file, p.Value.Data())
	at := (1*2+1)*9 + 7
	file[at] = math.Nextafter32(file[at], 9)
	err := p.fold(make([]float32, p.Len()), file)
	var tie *TieError
	if !errors.As(err, &tie) || tie.Name != "stem.weight" || !slices.Equal(tie.First, []int{1, 1, 0, 1}) || !slices.Equal(tie.Other, []int{1, 1, 2, 1}) {
		t.Fatalf("the error is %v", err)
	}
	if !strings.Contains(err.Error(), "tensor stem.weight 3×2×3×3: elements [1 1 0 1] and [1 1 2 1] are") {
		t.Errorf("the error says %v", err)
	}
	file[at] = float32(math.Copysign(0, -1))
	for _, i := range []int{1, 3, 5} {
		file[(1*2+1)*9+i] = 0
	}
	if p.fold(make([]float32, p.Len()), file) == nil {
		t.Error("0 and −0 passed as equal bits")
	}
}

// First values: uniform with PyTorch's bound, the same for tied and plain kernels; ends at zero; gains one.
func TestInit(t *testing.T) {
	for _, g := range []group.Group{group.C1, group.D4} {
		f := grid(t, g, 8, 8)
		c := NewConv2D("c", Scalars(f, 64), Scalars(f, 64), 3)
		c.Weight.Init(7)
		bound := 1 / math.Sqrt(64*9)
		mean, square, most := 0.0, 0.0, 0.0
		for _, v := range c.Weight.Value.Data() {
			mean += float64(v)
			square += float64(v) * float64(v)
			most = max(most, math.Abs(float64(v)))
		}
		n := float64(c.Weight.Len())
		if most > bound || most < 0.999*bound {
			t.Errorf("%v: largest weight %v, want just under %v", g, most, bound)
		}
		// Four standard errors of the mean and of the mean square of n uniform numbers.
		if mean /= n; math.Abs(mean) > 4*bound/math.Sqrt(3*n) {
			t.Errorf("%v: mean weight %v", g, mean)
		}
		if square /= n; math.Abs(square-bound*bound/3) > 4*bound*bound*math.Sqrt(4.0/45/n) {
			t.Errorf("%v: mean square %v, want %v", g, square, bound*bound/3)
		}
	}
}

// First values depend on the seed and the name alone.
func TestInitByName(t *testing.T) {
	first := func(name string, seed uint64) []float32 {
		p := NewLinear(name, 8, 8).Weight
		p.Init(seed)
		return p.Value.Data()
	}
	if differs(first("a", 1), first("a", 1)) >= 0 {
		t.Error("the same seed and name gave other values")
	}
	if differs(first("a", 1), first("a", 2)) < 0 || differs(first("a", 1), first("b", 1)) < 0 {
		t.Error("another seed, or another name, gave the same values")
	}
}

// A new network is zero, since its last convolution is; so are the ends of its branches, and nothing else but biases of norms.
func TestUNetStartsAtZero(t *testing.T) {
	u, err := NewUNet(small(group.C4, 8, 8))
	if err != nil {
		t.Fatal(err)
	}
	u.Init(1)
	for _, p := range u.params {
		zero := differs(p.Value.Data(), make([]float32, p.Len())) < 0
		end := strings.HasSuffix(p.Name, "out_layers.3.weight") || strings.HasSuffix(p.Name, "out_layers.3.bias") ||
			strings.Contains(p.Name, "proj_out") || strings.HasPrefix(p.Name, "out.2.")
		bias := strings.HasSuffix(p.Name, "norm.bias") || strings.HasSuffix(p.Name, "layers.0.bias") || p.Name == "out.0.bias"
		if zero != (end || bias) {
			t.Errorf("%s is zero: %v", p.Name, zero)
		}
	}
}

// Layers refuse fields that they cannot map between.
func TestFieldErrors(t *testing.T) {
	g8, g4, h8 := grid(t, group.C4, 8, 8), grid(t, group.C4, 4, 4), grid(t, group.H, 8, 8)
	for name, f := range map[string]func(){
		"a convolution that changes the grid":  func() { NewConv2D("c", Scalars(g8, 2), Scalars(g4, 2), 3) },
		"a convolution that changes the group": func() { NewConv2D("c", Scalars(g8, 2), Scalars(h8, 2), 3) },
		"an even kernel":                       func() { NewConv2D("c", Scalars(g8, 2), Scalars(g8, 2), 4) },
		"a norm of groups that do not divide":  func() { NewGroupNorm("n", Scalars(g8, 6), 4) },
		"heads that do not divide":             func() { NewAttention("a", Scalars(g8, 6), 4, 2) },
		"a block that quarters the grid": func() {
			NewResBlock("r", Scalars(g8, 2), Scalars(grid(t, group.C4, 2, 2), 2), ResBlockConfig{Embedding: 4, Groups: 2, Kernel: 3})
		},
		"a block that halves an odd grid": func() {
			NewResBlock("r", Scalars(grid(t, group.C4, 9, 9), 2), Scalars(g4, 2), ResBlockConfig{Embedding: 4, Groups: 2, Kernel: 3})
		},
		"a block that halves one side more than the other": func() {
			NewResBlock("r", Scalars(grid(t, group.H, 8, 10), 2), Scalars(grid(t, group.H, 4, 4), 2), ResBlockConfig{Embedding: 4, Groups: 2, Kernel: 3})
		},
	} {
		func() {
			defer func() {
				if _, ok := recover().(*FieldError); !ok {
					t.Errorf("%s: no *FieldError", name)
				}
			}()
			f()
		}()
	}
	if _, err := NewGrid(group.C4, 8, 6); err == nil {
		t.Error("quarter turns act on a 8×6 grid")
	}
}
