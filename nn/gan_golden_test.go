package nn

import (
	"math"
	"slices"
	"strings"
	"testing"

	"spdiff/autodiff"
	"spdiff/group"
	"spdiff/tensor"
	"spdiff/tensor/safetensors"
)

// A ganGolden is a file of testdata/make_gan_golden.py, with the networks that it is about.
type ganGolden struct {
	t      *testing.T
	file   map[string]*tensor.Tensor
	config GANConfig
	g      *Generator
	d      *Discriminator

	x, u, z, class, fakeClass, element *autodiff.Node
}

func readGAN(t *testing.T, name string, config GANConfig) *ganGolden {
	t.Helper()
	file, _ := readGolden(t, name)
	p := &ganGolden{t: t, file: file, config: config}
	var err error
	if p.g, err = NewGenerator(config); err != nil {
		t.Fatal(err)
	}
	if p.d, err = NewDiscriminator(config); err != nil {
		t.Fatal(err)
	}
	p.load("g.", p.g)
	p.load("d.", p.d)
	n := file["z"].Shape()[0]
	p.x = autodiff.Input("x", n, config.ImageHeight, config.ImageWidth, config.Out)
	p.u, p.z = autodiff.Input("u", n), autodiff.Input("z", n, config.Latent)
	p.class, p.fakeClass, p.element = autodiff.Input("y", n), autodiff.Input("fy", n), autodiff.Input("k", n)
	return p
}

// load sets a network's parameters and buffers to those of the file, which must have exactly these.
func (p *ganGolden) load(prefix string, l Layer) {
	p.t.Helper()
	f := &safetensors.File{}
	for name, v := range p.file {
		if name, ok := strings.CutPrefix(name, "weight."+prefix); ok {
			f.Tensors = append(f.Tensors, safetensors.Tensor{Name: name, Value: v})
		}
	}
	if err := SetWeights(append(l.Params(), Buffers(l)...), f); err != nil {
		p.t.Fatal(err)
	}
}

// run evaluates nodes at the inputs of the file.
func (p *ganGolden) run(nodes ...*autodiff.Node) *autodiff.Workspace {
	keep := []*autodiff.Node{p.x, p.u, p.z, p.class, p.fakeClass, p.element}
	w := autodiff.Compile(append(keep, nodes...)...).NewWorkspace()
	c := p.config
	copy(w.Input(p.x), pixelsOf(p.file["x"].Data(), p.x.Shape()[0], c.ImageHeight*c.ImageWidth, c.Out))
	for name, in := range map[string]*autodiff.Node{"u": p.u, "z": p.z, "y": p.class, "fy": p.fakeClass, "k": p.element} {
		copy(w.Input(in), p.file[name].Data())
	}
	w.Prepare()
	w.Run()
	return w
}

// images returns images as the file has them.
func (p *ganGolden) images(x []float32) []float32 {
	return planes(x, p.x.Shape()[0], p.config.ImageHeight*p.config.ImageWidth, p.config.Out)
}

// gan are the files and their networks.
var ganGoldens = map[string]GANConfig{"gan_stages.safetensors": ganSmall(group.C4, false), "gan_blocks.safetensors": ganSmall(group.D4, true)}

// Images, judgements, statistics and singular vectors are PyTorch's.
func TestGANIsPyTorchs(t *testing.T) {
	for name, config := range ganGoldens {
		p := readGAN(t, name, config)
		updates := &Updates{}
		training := &Conditions{Class: p.fakeClass, Element: p.element, Updates: updates}
		trained := p.g.Apply(p.z, training)
		used := p.g.Apply(p.z, &Conditions{Class: p.fakeClass, Element: p.element})
		judged := p.d.Apply(p.x, &Conditions{Class: p.class, Updates: updates})
		w := p.run(append(updates.Nodes(), trained, used, judged)...)
		compare(t, name+" images", p.images(w.Output(trained)), p.file["images"].Data(), 0)
		compare(t, name+" used", p.images(w.Output(used)), p.file["used"].Data(), 0)
		compare(t, name+" judged", w.Output(judged), p.file["judged"].Data(), 0)
		updates.Apply(w)
		seen := 0
		for prefix, l := range map[string]Layer{"g.": p.g, "d.": p.d} {
			for _, b := range Buffers(l) {
				want := p.file["next."+prefix+b.Name]
				if want == nil {
					t.Fatalf("%s has no %s%s", name, prefix, b.Name)
				}
				compare(t, name+" "+b.Name, b.Value.Data(), want.Data(), 0)
				seen++
			}
		}
		t.Logf("%s: %d buffers", name, seen)
	}
}

// The values of the losses are PyTorch's, and so are their gradients by every parameter: the discriminator's through the gradient of
// its penalty.
func TestGANLossesArePyTorchs(t *testing.T) {
	losses := map[string]GANLoss{"relativistic": RelativisticLoss(), "divergence": DivergenceLoss(), "alpha": {Divergence, 10, 3.5}}
	for name, config := range ganGoldens {
		for kind, loss := range losses {
			p := readGAN(t, name, config)
			fake := p.g.Apply(p.z, &Conditions{Class: p.fakeClass, Element: p.element, Updates: &Updates{}})
			times := float32(1) // as the script has it
			if loss.Mixed() {
				times = 32
			}
			d := func(x, class *autodiff.Node) *autodiff.Node {
				return autodiff.Scale(p.d.Apply(x, &Conditions{Class: class}), times)
			}
			held := autodiff.StopGradient(fake)
			at := p.x
			if loss.Mixed() {
				u := autodiff.Expand(autodiff.Reshape(p.u, p.u.Shape()[0], 1, 1, 1), p.x.Shape()...)
				at = autodiff.Add(autodiff.Mul(u, p.x), autodiff.Mul(autodiff.Shift(autodiff.Neg(u), 1), held))
			}
			critic := loss.Critic(d(p.x, p.class), d(held, p.fakeClass))
			penalty := autodiff.Scale(loss.Penalty(d(at, p.class), at), float32(loss.Weight))
			generator := loss.Generator(d(p.x, p.class), d(fake, p.fakeClass))
			all := append(p.gradients(autodiff.Add(critic, penalty), p.d), p.gradients(generator, p.g)...)
			w := p.run(append(all, critic, penalty, generator)...)
			got := []float32{w.Output(critic)[0], w.Output(penalty)[0], w.Output(generator)[0]}
			compare(t, name+" "+kind, got, p.file["loss."+kind].Data(), 0)
			if got[1] == 0 {
				t.Errorf("%s %s: the penalty is 0, which tests nothing", name, kind)
			}
			for i, q := range append(p.d.Params(), p.g.Params()...) {
				prefix := "d."
				if i >= len(p.d.Params()) {
					prefix = "g."
				}
				want := p.file["grad."+kind+"."+prefix+q.Name].Data()
				compare(t, name+" "+kind+" "+prefix+q.Name, rearrange(q, w.Output(all[i])), want, 1e-3)
			}
		}
	}
}

func (p *ganGolden) gradients(loss *autodiff.Node, l Layer) []*autodiff.Node {
	var nodes []*autodiff.Node
	for _, q := range l.Params() {
		nodes = append(nodes, q.node)
	}
	return autodiff.Grad(loss, nodes...)
}

// After enough steps the estimate is the largest singular value that numpy finds, so that of W/σ is 1.
func TestSpectralNormIsNumpys(t *testing.T) {
	for name, config := range ganGoldens {
		p := readGAN(t, name, config)
		for prefix, l := range map[string]Layer{"g.": p.g, "d.": p.d} {
			for _, b := range Buffers(l) {
				weight, is := strings.CutSuffix(b.Name, "_u")
				if !is {
					continue
				}
				i := slices.IndexFunc(l.Params(), func(q *Param) bool { return q.Name == weight })
				checkSigma(t, name+" "+b.Name, &SpectralNorm{l.Params()[i], b}, float64(p.file["sigma."+prefix+weight].Data()[0]))
			}
		}
	}
}

// checkSigma makes steps of the power method until the estimate stands.
func checkSigma(t *testing.T, name string, s *SpectralNorm, want float64) {
	t.Helper()
	updates := &Updates{}
	z := s.Of(&Conditions{Updates: updates})
	w := autodiff.CompileStep(append(updates.Nodes(), z)...).NewWorkspace()
	for range 500 {
		w.Run()
		updates.Apply(w)
	}
	weight, i := s.Weight.Value.Data(), 0
	for j, v := range weight {
		if math.Abs(float64(v)) > math.Abs(float64(weight[i])) {
			i = j
		}
	}
	if got := float64(weight[i]) / float64(w.Output(z)[i]); math.Abs(got-want) > 1e-4*want {
		t.Errorf("%s: σ is %v, numpy's %v", name, got, want)
	}
}

// A generator's classes start as TensorFlow's dense layers do, much shorter than the noise beside them: uniform, of variance 2/(in + out).
func TestClassesStartShort(t *testing.T) {
	g, err := NewGenerator(GANDigits())
	if err != nil {
		t.Fatal(err)
	}
	g.Init(1)
	sum, most := 0.0, 0.0
	for _, v := range g.label.Weight.Value.Data() {
		sum, most = sum+float64(v*v), max(most, math.Abs(float64(v)))
	}
	if variance := sum / 640 * 74 / 2; math.Abs(variance-1) > 0.1 || most > math.Sqrt(6./74) {
		t.Errorf("variance %v of 2/74, largest %v", variance, most)
	}
}

// A generator's convolutions and the maps of its ClassNorms start orthogonal, so that their squares add up to the number of rows, or of
// columns if they are fewer. Nothing else does, the map of the code neither, though it has a spectral norm.
func TestWhatStartsOrthogonal(t *testing.T) {
	g, err := NewGenerator(GANDigits())
	if err != nil {
		t.Fatal(err)
	}
	g.Init(1)
	for _, p := range g.Params() {
		shape, squares := p.Value.Shape(), 0.0
		for _, v := range p.Value.Data() {
			squares += float64(v) * float64(v)
		}
		across := shape[len(shape)-1]
		starts := math.Abs(squares-float64(min(across, p.Len()/across))) < 1e-3
		if want := len(shape) > 1 && p.Name != "dense.weight" && p.Name != "label.weight"; starts != want {
			t.Errorf("%v starts orthogonal: %v, want %v", p, starts, want)
		}
	}
}

// A matrix is made orthonormal along its shorter side.
func TestOrthogonalStart(t *testing.T) {
	for _, shape := range [][2]int{{7, 3}, {3, 7}} {
		m := randomSlice(21, 1)
		rows, c := shape[0], shape[1]
		orthonormalise(m, c)
		for i := range min(rows, c) {
			for j := range min(rows, c) {
				dot, want := 0.0, 0.0
				for k := range max(rows, c) {
					a, b := k*c+i, k*c+j
					if rows < c {
						a, b = i*c+k, j*c+k
					}
					dot += float64(m[a]) * float64(m[b])
				}
				if i == j {
					want = 1
				}
				if math.Abs(dot-want) > 1e-6 {
					t.Errorf("%v: ⟨%d, %d⟩ is %v", shape, i, j, dot)
				}
			}
		}
	}
}
