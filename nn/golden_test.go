package nn

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math"
	"math/bits"
	"slices"
	"strings"
	"testing"

	"spdiff/autodiff"
	"spdiff/group"
	"spdiff/tensor"
)

// formula is the script's function of that name: a parameter in PyTorch's layout.
func formula(p *Param) []float32 {
	file := make([]float32, numel(p.File))
	tap := make([]int, 1) // of each tap, the first that shares its weight
	if len(p.File) == 4 {
		tap = make([]int, p.File[2]*p.File[3])
	}
	for t := range tap {
		for p.at(0, 0, tap[t]) != p.at(0, 0, t) {
			tap[t]++
		}
	}
	scale := float32(1) / float32(int(1)<<(bits.Len(uint(len(file)/p.File[0]))/2))
	offset := float32(0)
	if len(p.File) == 1 {
		scale = 0.25
		if strings.HasSuffix(p.Name, "weight") {
			offset = 1
		}
	}
	u := newNoise(p.Name)
	for i := range file {
		file[i] = float32(u(i-i%len(tap)+tap[i%len(tap)])*scale) + offset
	}
	return file
}

func setFormula(t testing.TB, params []*Param) {
	t.Helper()
	for _, p := range params {
		if err := p.fold(p.Value.Data(), formula(p)); err != nil {
			t.Fatal(err)
		}
	}
}

func numel(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

// planes returns an NHWC tensor as NCHW.
func planes(x []float32, n, pixels, c int) []float32 {
	z := make([]float32, len(x))
	for i := range x {
		image, p, ch := i/(pixels*c), i/c%pixels, i%c
		z[(image*c+ch)*pixels+p] = x[i]
	}
	return z
}

// pixelsOf returns an NCHW tensor as NHWC.
func pixelsOf(x []float32, n, pixels, c int) []float32 { return planes(x, n, c, pixels) }

// goldenConfig reads the script's description of a network.
func goldenConfig(t testing.TB, text string) UNetConfig {
	t.Helper()
	var c struct {
		Image, Cin, Cout, Width, Blocks, Head, Classes, Groups, Kernel int
		Mult, Attention                                                []int
	}
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		t.Fatal(err)
	}
	return UNetConfig{ImageHeight: c.Image, ImageWidth: c.Image, In: c.Cin, Out: c.Cout, Width: c.Width, Mult: c.Mult,
		Blocks: c.Blocks, Attention: c.Attention, Head: c.Head, Classes: c.Classes, Groups: c.Groups, Kernel: c.Kernel}
}

// A pass is a network's value and the gradient of each parameter, for given images and given dz.
type pass struct {
	z     []float32 // NCHW
	grads map[string][]float32
}

// run evaluates the network at the inputs of a golden file.
func run(u *UNet, in map[string]*tensor.Tensor) pass {
	c, n := u.Config, in["x"].Shape()[0]
	size := c.ImageHeight * c.ImageWidth
	x := autodiff.Input("x", n, c.ImageHeight, c.ImageWidth, c.In)
	t, y := autodiff.Input("t", n), autodiff.Input("y", n)
	dz := autodiff.Input("dz", n, c.ImageHeight, c.ImageWidth, c.Out)
	z := u.Apply(x, &Conditions{Time: t, Class: y})
	var nodes []*autodiff.Node
	for _, p := range u.params {
		nodes = append(nodes, p.Node())
	}
	grads := autodiff.VJP(z, dz, nodes...)
	w := autodiff.Compile(append(grads, z)...).NewWorkspace()
	copy(w.Input(x), pixelsOf(in["x"].Data(), n, size, c.In))
	copy(w.Input(t), in["t"].Data())
	if c.Classes > 0 {
		copy(w.Input(y), in["y"].Data())
	}
	copy(w.Input(dz), pixelsOf(in["dz"].Data(), n, size, c.Out))
	w.Prepare()
	w.Run()
	result := pass{planes(w.Output(z), n, size, c.Out), map[string][]float32{}}
	for i, p := range u.params {
		result.grads[p.Name] = rearrange(p, w.Output(grads[i]))
	}
	return result
}

// rearrange returns a gradient (orbits, in, out) as (out, in, orbits), which for a plain kernel is PyTorch's order.
func rearrange(p *Param, g []float32) []float32 {
	s := p.Value.Shape()
	if len(s) == 1 || len(s) == 2 && p.at(0, 1, 0) == 1 { // as in the file
		return g
	}
	z := make([]float32, len(g))
	out, in := s[len(s)-1], s[len(s)-2]
	n := len(g) / (out * in)
	for i := range n {
		for c := range in {
			for o := range out {
				z[(o*in+c)*n+i] = g[(i*in+c)*out+o]
			}
		}
	}
	return z
}

// tolerance is the relative error that the comparison with PyTorch in double precision allows.
const tolerance = 1e-4

// compare fails unless got is within tolerance of want: in length, of the length of want, and in every element, of the
// largest one. Gradients that are zero in exact arithmetic (a bias before a norm of one channel) are given by floor.
func compare(t *testing.T, name string, got, want []float32, floor float64) (worst float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d numbers, want %d", name, len(got), len(want))
		return 0
	}
	var diff, length, most, largest float64
	for i := range want {
		d, v := math.Abs(float64(got[i])-float64(want[i])), math.Abs(float64(want[i]))
		diff, length = diff+d*d, length+v*v
		most, largest = max(most, d), max(largest, v)
	}
	diff, length = math.Sqrt(diff), math.Sqrt(length)
	if !(diff <= tolerance*max(length, floor)) || !(most <= tolerance*max(largest, floor)) {
		t.Errorf("%s: differs by %.2g of a length of %.3g; an element by %.2g where the largest is %.3g", name, diff, length, most, largest)
	}
	return diff / max(length, floor)
}

// The network equals PyTorch's: its value and the gradient of every parameter.
func TestUNetIsPyTorchs(t *testing.T) {
	for _, c := range []struct {
		file string
		over group.Group
	}{{"unet.safetensors", group.C1}, {"unet_tied.safetensors", group.C4}} {
		golden, meta := readGolden(t, c.file)
		cfg := goldenConfig(t, meta["config"])
		cfg.Group = c.over
		u, err := NewUNet(cfg)
		if err != nil {
			t.Fatal(err)
		}
		setFormula(t, u.params)
		got := run(u, golden)
		worst := compare(t, c.file+" z", got.z, golden["z"].Data(), 0)
		gradients := 0
		for name, g := range golden {
			if name, ok := strings.CutPrefix(name, "grad."); ok {
				gradients++
				worst = max(worst, compare(t, c.file+" "+name, got.grads[name], g.Data(), 0))
			}
		}
		if gradients != len(u.params) {
			t.Errorf("%s has %d parameters, the network %d", c.file, gradients, len(u.params))
		}
		t.Logf("%s: %d gradients, largest relative error %.2g", c.file, gradients, worst)
	}
}

// The presets have PyTorch's parameters, by name, shape and number.
func TestPresetsArePyTorchs(t *testing.T) {
	_, meta := readGolden(t, "unet_presets.safetensors")
	for _, name := range Presets() {
		c, _ := Preset(name)
		u, err := NewUNet(c)
		if err != nil {
			t.Fatal(err)
		}
		var lines []string
		total := 0
		for _, p := range u.params {
			lines = append(lines, fmt.Sprintf("%s [%s]\n", p.Name, strings.Trim(strings.ReplaceAll(fmt.Sprint([]int(p.File)), " ", ", "), "[]")))
			total += p.Len()
		}
		slices.Sort(lines)
		h := fnv.New64a()
		for _, l := range lines {
			h.Write([]byte(l))
		}
		if got := fmt.Sprintf("%d parameters, listing %016x", total, h.Sum64()); got != meta[name] {
			t.Errorf("%s has %s, want %s", name, got, meta[name])
		}
		for _, g := range group.All() {
			c.Group = g
			u, err := NewUNet(c)
			if err != nil {
				t.Fatal(err)
			}
			if got := Count(u); c.Parameters() != int64(got) {
				t.Errorf("%s over %v: Parameters says %d, there are %d", name, g, c.Parameters(), got)
			}
		}
	}
}

// The preset digits-s at its real size equals PyTorch's, as far as eight projections of each gradient tell: for a relative
// error e of a gradient g of n elements they differ by about e·|g|·|v|/√n = e·|g|/√3.
func TestDigitsSIsPyTorchs(t *testing.T) {
	golden, _ := readGolden(t, "unet_presets.safetensors")
	u, err := NewUNet(DigitsS())
	if err != nil {
		t.Fatal(err)
	}
	setFormula(t, u.params)
	got := run(u, golden)
	compare(t, "z", got.z, golden["z"].Data(), 0)
	for _, p := range u.params {
		want, g := golden["grad."+p.Name].Data(), got.grads[p.Name]
		var square float64
		for _, v := range g {
			square += float64(v) * float64(v)
		}
		length := max(math.Sqrt(square), 1)
		if d := math.Abs(math.Sqrt(square) - float64(want[0])); !(d <= tolerance*length) {
			t.Errorf("%s: the gradient's length is %v, want %v", p.Name, math.Sqrt(square), want[0])
		}
		for i, w := range want[1:] {
			var dot float64
			probe := newNoise(fmt.Sprintf("probe %d %s", i, p.Name))
			for j, v := range g {
				dot += float64(v) * float64(probe(j))
			}
			if d := math.Abs(dot - float64(w)); !(d <= tolerance*length) {
				t.Errorf("%s: projection %d of the gradient is %v, want %v, its length %v", p.Name, i, dot, w, length)
			}
		}
	}
}
