package spdiff

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"spdiff/group"
	"spdiff/nn"
	"spdiff/sde"
	"spdiff/tensor"
)

// tinyGAN is a GAN of every layer on few pixels.
func tinyGAN(g group.Group, v GANVariant) GANConfig {
	c, err := DefaultGANConfig("gan-digits")
	if err != nil {
		panic(err)
	}
	n := &c.Network
	n.ImageHeight, n.ImageWidth, n.Classes, n.Latent, n.Label, n.Seed = 12, 12, 3, 5, 4, 6
	n.Generator, n.Critic = []int{16, 8, 8}, []int{8, 16, 16}
	c.Group, c.Variant, c.Batch, c.Steps = g, v, 4, 6
	return c
}

// dots are images of one dot each, of three classes.
func dots(n int) Source {
	x, classes := tensor.New(n, 12, 12, 1), make([]int, n)
	for i := range n {
		image := x.At(i).Data()
		for p := range image {
			image[p] = -1
		}
		image[(i*7)%144] = 1
		classes[i] = i % 3
	}
	return Images(x, classes)
}

func trainedGAN(t *testing.T, c GANConfig) *GAN {
	t.Helper()
	m, err := TrainGAN(context.Background(), c, dots(20), nil)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// Turning the latent of a trained model turns the image, in every bit; what is not symmetrised does not, nor a plain network.
func TestGANTurns(t *testing.T) {
	for _, g := range []group.Group{group.H, group.C4, group.D4} {
		for _, loss := range []nn.GANLoss{nn.RelativisticLoss(), nn.DivergenceLoss()} {
			c := tinyGAN(g, SPGAN)
			c.Loss = loss
			if d := turning(t, trainedGAN(t, c), g); d != 0 {
				t.Errorf("%v, %v: a difference of %v", g, loss.Kind, d)
			}
		}
	}
	for _, v := range []GANVariant{Incomplete, PlainGAN} {
		m := trainedGAN(t, tinyGAN(group.C4, v))
		z, err := m.Sample(context.Background(), Sampling{N: 4})
		if err != nil {
			t.Fatal(err)
		}
		moved := make([]float32, z.Len())
		group.C4.Act(moved, z.Data(), 1, 4, 12, 12, 1)
		if slices.Equal(moved, z.Data()) {
			t.Errorf("%v: the images are symmetric, which tests nothing", v)
		}
		if _, err := m.Generate(context.Background(), tensor.New(1, 5), []int{1}, []int{0}); err == nil {
			t.Errorf("%v takes an element, and nothing could follow it", v)
		}
	}
}

// turning returns the largest |G(z, a·k) − a·G(z, k)|.
func turning(t *testing.T, m *GAN, g group.Group) (most float64) {
	t.Helper()
	n := g.Order()
	z := tensor.New(n, 5)
	for i := range z.Data() {
		z.Data()[i] = float32(math.Sin(float64(i % 5)))
	}
	elements := make([]int, n)
	for a := range elements {
		elements[a] = g.Mul(a, n-1)
	}
	x, err := m.Generate(context.Background(), z, elements, make([]int, n))
	if err != nil {
		t.Fatal(err)
	}
	moved := make([]float32, 144)
	for a := range n {
		g.Act(moved, x.At(0).Data(), a, 1, 12, 12, 1)
		for i, v := range x.At(a).Data() {
			most = max(most, math.Abs(float64(v)-float64(moved[i])))
		}
	}
	return most
}

// Image k of a seed does not depend on N, First, Batch or the number of threads.
func TestGANSamples(t *testing.T) {
	m := trainedGAN(t, tinyGAN(group.C4, SPGAN))
	all, err := m.Sample(context.Background(), Sampling{N: 7, Reversal: Reversal{Seed: 3}})
	if err != nil {
		t.Fatal(err)
	}
	defer tensor.SetWorkers(tensor.Workers())
	for _, s := range []Sampling{{N: 7, Reversal: Reversal{Seed: 3, Batch: 2}}, {N: 2, Reversal: Reversal{Seed: 3, First: 5, Batch: 1}}} {
		tensor.SetWorkers(s.Batch)
		got, err := m.Sample(context.Background(), s)
		if err != nil {
			t.Fatal(err)
		}
		for i := range s.N {
			if !slices.Equal(got.At(i).Data(), all.At(s.First+i).Data()) {
				t.Errorf("image %d is another with %+v", s.First+i, s)
			}
		}
	}
	if slices.Equal(all.At(0).Data(), all.At(3).Data()) { // both of class 0
		t.Error("two images are the same")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := m.Sample(ctx, Sampling{}); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
}

// Noise that is not finite is an error that says which number it is, and makes no images; nil is another.
func TestGANNoiseIsFinite(t *testing.T) {
	m := trainedGAN(t, tinyGAN(group.C4, SPGAN))
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		z := tensor.New(2, 5)
		z.At(1).Data()[3] = float32(v)
		var e *SettingError
		x, err := m.Generate(context.Background(), z, []int{0, 0}, []int{0, 0})
		if !errors.As(err, &e) || e.Field != "z" || !strings.Contains(err.Error(), "number 3 of image 1") || x != nil {
			t.Errorf("noise with a %v: %v", v, err)
		}
	}
	var e *SettingError
	if _, err := m.Generate(context.Background(), nil, nil, nil); !errors.As(err, &e) || e.Field != "z" {
		t.Errorf("no noise: %v", err)
	}
	for _, p := range m.network.Params() {
		p.Value.Data()[0] = float32(math.NaN())
	}
	var broken *sde.NotFiniteError
	if x, err := m.Generate(context.Background(), tensor.New(2, 5), []int{0, 0}, []int{0, 0}); !errors.As(err, &broken) || x != nil {
		t.Errorf("broken weights: %v", err)
	}
}

// A training that was interrupted goes on to the same bits: weights, moments, statistics and singular vectors.
func TestGANResumes(t *testing.T) {
	for _, loss := range []nn.GANLoss{nn.RelativisticLoss(), nn.DivergenceLoss()} {
		c := tinyGAN(group.C4, SPGAN)
		c.Loss, c.Rotate, c.Augment = loss, true, true
		whole, err := NewGANTrainer(c, dots(20))
		if err != nil {
			t.Fatal(err)
		}
		var steps []Step
		keep := func(s Step) error { steps = append(steps, s); return nil }
		if err := whole.Run(context.Background(), keep); err != nil {
			t.Fatal(err)
		}
		c.Steps = 2
		part, err := NewGANTrainer(c, dots(20))
		if err != nil {
			t.Fatal(err)
		}
		if err := part.Run(context.Background(), nil); err != nil {
			t.Fatal(err)
		}
		part.Notes = map[string]string{"data": "dots"}
		part.watch.count = [len(ganSigns)]int{90, 0, 7}
		folder := t.TempDir()
		if err := part.Checkpoint(folder); err != nil {
			t.Fatal(err)
		}
		again, damaged, err := ResumeLastGAN(folder, dots(20), 6)
		if err != nil || damaged != nil || again.Notes["data"] != "dots" || again.Steps() != 2 {
			t.Fatal(err, damaged, again)
		}
		if again.watch.count != part.watch.count {
			t.Errorf("what has stood still is forgotten: %v", again.watch.count)
		}
		tensor.SetWorkers(3)
		var rest []Step
		err = again.Run(context.Background(), func(s Step) error { rest = append(rest, s); return nil })
		tensor.SetWorkers(0)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(rest, steps[2:]) {
			t.Errorf("%v: the steps are\n%v, want\n%v", loss.Kind, rest, steps[2:])
		}
		if err := whole.Save(filepath.Join(folder, "end")); err != nil {
			t.Fatal(err)
		}
		m, err := LoadGANState(filepath.Join(folder, "end"))
		if err != nil {
			t.Fatal(err)
		}
		x, err := m.Sample(context.Background(), Sampling{})
		y, err2 := again.Model().Sample(context.Background(), Sampling{})
		if err != nil || err2 != nil || !slices.Equal(x.Data(), y.Data()) {
			t.Errorf("%v: the models of the states draw other images: %v, %v", loss.Kind, err, err2)
		}
		for i, a := range whole.state().arrays {
			if b := again.state().arrays[i]; a.name != b.name || !slices.Equal(a.values, b.values) {
				t.Errorf("%v: %s differs", loss.Kind, a.name)
			}
		}
	}
}

// A state after the last step there can be resumes, also where the discriminator has done more than the generator may.
func TestGANResumesAtTheEnd(t *testing.T) {
	c := tinyGAN(group.C4, SPGAN)
	c.CriticSteps = 2
	tr, err := NewGANTrainer(c, dots(20))
	if err != nil {
		t.Fatal(err)
	}
	last := tr.config.maxSteps()
	tr.optimiser.State().Steps, tr.criticOptimiser.State().Steps = last, 2*last
	path := filepath.Join(t.TempDir(), "state.safetensors")
	if err := tr.Save(path); err != nil {
		t.Fatal(err)
	}
	again, err := ResumeGAN(path, dots(20), MaxSteps)
	if err != nil || again.Steps() != last || again.criticOptimiser.State().Steps != 2*last {
		t.Errorf("%v; want %d steps", err, last)
	}
}

// On other images a GAN's training goes on from its numbers and step, those of a file or the last of a folder; what is saved then says
// how many there are.
func TestResumeGANOn(t *testing.T) {
	tr, err := NewGANTrainer(tinyGAN(group.C4, SPGAN), dots(20))
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Wait()
	if _, err := tr.Step(); err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	if err := tr.Checkpoint(folder); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "state-000000001.safetensors")
	var wrong *SourceError
	if _, err := ResumeGAN(path, dots(30), 5); !errors.As(err, &wrong) {
		t.Errorf("30 images for 20: %v", err)
	}
	on, err1 := ResumeGANOn(path, dots(30), 5)
	last, _, err2 := ResumeLastGANOn(folder, dots(30), 5)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	for i, a := range tr.state().arrays {
		if !slices.Equal(on.state().arrays[i].values, a.values) || !slices.Equal(last.state().arrays[i].values, a.values) {
			t.Errorf("%s differs", a.name)
		}
	}
	if err := on.Save(path); err != nil {
		t.Fatal(err)
	}
	if again, err := ResumeGAN(path, dots(30), 5); err != nil || again.Steps() != 1 {
		t.Errorf("saved anew, of 30 images: %v", err)
	}
	if _, err := ResumeGANOn(path, nil, 5); !errors.As(err, &wrong) {
		t.Errorf("no images: %v", err)
	}
}

// A file of a model says what it is, gives the same images, and knows the names of its classes; what asks it for more is told.
func TestGANFiles(t *testing.T) {
	config := tinyGAN(group.C4, SPGAN)
	config.ClassNames = []string{"left", "", "right"}
	m := trainedGAN(t, config)
	config.ClassNames[0], m.Config().ClassNames[2] = "others", "of others"
	path := filepath.Join(t.TempDir(), "model.safetensors")
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	if kind, err := Kind(path); kind != KindGAN || err != nil {
		t.Errorf("it is a %q, %v", kind, err)
	}
	g, err := LoadGenerator(path)
	if err != nil {
		t.Fatal(err)
	}
	if names := g.(*GAN).Config().ClassNames; !slices.Equal(names, []string{"left", "", "right"}) {
		t.Errorf("the classes are %q", names)
	}
	want, err := m.Sample(context.Background(), Sampling{N: 2})
	if err != nil {
		t.Fatal(err)
	}
	for d, err := range g.Samples(context.Background(), Sampling{N: 2}) {
		if err != nil || !slices.Equal(d.Pixels.Data(), want.At(d.Number).Data()) {
			t.Errorf("image %d is another: %v", d.Number, err)
		}
	}
	var file bytes.Buffer
	if err := m.Encode(&file); err != nil {
		t.Fatal(err)
	}
	whole := file.Bytes()
	again, err := DecodeGenerator(bytes.NewReader(whole), int64(len(whole)))
	if err != nil {
		t.Fatal(err)
	}
	if saved, err := os.ReadFile(path); err != nil || !bytes.Equal(saved, whole) || !bytes.Equal(again.(*GAN).config.JSON(), m.config.JSON()) {
		t.Errorf("in memory it is another: %v", err)
	}
	if none, err := DecodeGenerator(bytes.NewReader(whole[:len(whole)-3]), int64(len(whole)-3)); err == nil || none != nil {
		t.Errorf("cut off it is %v, %v", none, err)
	}
	var is *FileError
	if _, err := Load(path); !errors.As(err, &is) || !strings.Contains(err.Error(), "cannot denoise") {
		t.Errorf("Load says %v", err)
	}
	if _, err := Resume(path, dots(20), 1); !errors.As(err, &is) {
		t.Errorf("Resume says %v", err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)-5] ^= 1
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadGenerator(path); err == nil {
		t.Error("a damaged file loads")
	}
}

// What Validate refuses names the setting.
func TestGANConfigErrors(t *testing.T) {
	for field, spoil := range map[string]func(*GANConfig){
		"batch":               func(c *GANConfig) { c.Batch = 0 },
		"critic_steps":        func(c *GANConfig) { c.CriticSteps = 0 },
		"variant":             func(c *GANConfig) { c.Variant = 7 },
		"network":             func(c *GANConfig) { c.Network.Critic = []int{1, 1, 1, 1} },
		"group":               func(c *GANConfig) { c.Network.ImageWidth = 16 },
		"loss":                func(c *GANConfig) { c.Loss.Alpha = math.NaN() },
		"steps":               func(c *GANConfig) { c.Steps = -1 },
		"generator_optimizer": func(c *GANConfig) { c.Generator.Rule.Eps = 0 },
		"rate":                func(c *GANConfig) { c.Rate.Rate = -1 },
		"averages":            func(c *GANConfig) { c.Critic.Averages = []nn.Average{{Rate: 0.9}} },
		"class_names":         func(c *GANConfig) { c.ClassNames = []string{"a", "b"} },
	} {
		c := tinyGAN(group.C4, SPGAN)
		spoil(&c)
		var wrong *ConfigError
		if _, err := NewGANTrainer(c, dots(20)); !errors.As(err, &wrong) || wrong.Field != field {
			t.Errorf("%s: the error is %v", field, err)
		}
	}
	c := tinyGAN(group.D4, Incomplete).Resolved()
	if back, err := ParseGANConfig(c.JSON()); err != nil || !slices.Equal(back.JSON(), c.JSON()) {
		t.Errorf("JSON gives %+v, %v", back, err)
	}
}

// A training that diverges says where, keeps no half of a step, and saves none.
func TestGANDiverges(t *testing.T) {
	c := tinyGAN(group.C4, SPGAN)
	tr, err := NewGANTrainer(c, dots(20))
	if err != nil {
		t.Fatal(err)
	}
	tr.generator.Params()[0].Value.Data()[0] = float32(math.NaN())
	var diverged *DivergedError
	if _, err := tr.Step(); !errors.As(err, &diverged) || diverged.Step != 1 {
		t.Errorf("the error is %v", err)
	}
	folder := t.TempDir()
	if err := tr.Checkpoint(folder); !errors.As(err, &diverged) {
		t.Errorf("it saves: %v", err)
	}
	if there, _ := Checkpoints(folder); len(there) > 0 {
		t.Errorf("there is %v", there)
	}
}

// failingGAN returns a trainer with two updates of the discriminator a step, and an image of the second of the first step, before which
// its source calls fail.
func failingGAN(t *testing.T, fail func() error) (tr *GANTrainer, image int) {
	t.Helper()
	c := tinyGAN(group.C4, SPGAN)
	c.CriticSteps = 2
	e := newEpochs(c.Seed, 10)
	image = e.order(0)[c.Batch+1]
	tr, err := NewGANTrainer(c, &probe{blobs: blobs{10, 12}, before: func(i int) error {
		if i == image {
			return fail()
		}
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	return tr, image
}

// checkUndisturbed makes all steps, and fails unless the state is then that of a training whose source never failed, in every bit.
func checkUndisturbed(t *testing.T, tr *GANTrainer) {
	t.Helper()
	whole, err := NewGANTrainer(tr.Config(), blobs{10, 12})
	if err != nil {
		t.Fatal(err)
	}
	for _, z := range []*GANTrainer{whole, tr} {
		if err := z.Run(context.Background(), nil); err != nil {
			t.Fatal(err)
		}
	}
	got := tr.state().arrays
	for i, a := range whole.state().arrays {
		if got[i].name != a.name || !slices.Equal(got[i].values, a.values) {
			t.Errorf("%s differs", a.name)
		}
	}
}

// An error of the source is that of the step which needs the image, and names both. It moves nothing, also where the image is of the
// second update: the state can be saved, and the step be tried again, to the same bits.
func TestGANSourceErrors(t *testing.T) {
	bad := errors.New("the disk is gone")
	var mended atomic.Bool
	tr, image := failingGAN(t, func() error {
		if mended.Load() {
			return nil
		}
		return bad
	})
	for range 2 {
		_, err := tr.Step()
		if !errors.Is(err, bad) || !strings.Contains(err.Error(), fmt.Sprintf("step 1: image %d of", image)) || tr.Steps() != 0 {
			t.Fatalf("step 1: %v", err)
		}
	}
	if err := tr.Checkpoint(t.TempDir()); err != nil {
		t.Errorf("after the errors it saves nothing: %v", err)
	}
	mended.Store(true)
	checkUndisturbed(t, tr)
}

// A panic of the source is one of the step. It moves nothing, and the step can be tried again, to the same bits.
func TestGANSourcePanics(t *testing.T) {
	var mended atomic.Bool
	tr, _ := failingGAN(t, func() error {
		if !mended.Load() {
			panic("out of cheese")
		}
		return nil
	})
	for range 2 {
		func() {
			defer func() {
				if v := recover(); v != "out of cheese" {
					t.Errorf("recovered %v", v)
				}
			}()
			tr.Step()
			t.Error("no panic")
		}()
	}
	mended.Store(true)
	checkUndisturbed(t, tr)
}

// Each sign of collapse is told after it has lasted, and not where it passes.
func TestGANCollapses(t *testing.T) {
	alive := Step{Loss: 1, Norm: 1}
	alive.Generator.Norm = 1
	for what, spoil := range map[string]func(*Step){
		"bound":                            func(s *Step) { s.Loss = 1e-4 },
		"the discriminator's gradient has": func(s *Step) { s.Norm = 0 },
		"the generator's gradient has":     func(s *Step) { s.Generator.Norm = 1e-9 },
	} {
		w := ganWatch{kind: nn.Relativistic}
		dead := alive
		spoil(&dead)
		for i := range 3 * collapseSteps {
			s := dead
			if i == collapseSteps/2 {
				s = alive
			}
			s.Number = i
			err := w.see(s)
			if suspect := i >= suspectSteps-1 && i < collapseSteps/2 || i >= collapseSteps/2+suspectSteps; suspect != (w.worst != nil) {
				t.Fatalf("%s: step %d: suspect %v", what, i, w.worst)
			}
			var collapsed *CollapsedError
			if told := errors.As(err, &collapsed); told != (i == collapseSteps*3/2 || i == collapseSteps*5/2) {
				t.Fatalf("%s: step %d: %v", what, i, err)
			} else if told && !strings.Contains(err.Error(), what) {
				t.Errorf("%s: it says %v", what, err)
			}
		}
	}
}

// A step allocates next to nothing, and a source without images is an error.
func TestGANStepAllocates(t *testing.T) {
	tr, err := NewGANTrainer(tinyGAN(group.C4, SPGAN), dots(20))
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Wait()
	tensor.SetWorkers(1)
	defer tensor.SetWorkers(0)
	if n := testing.AllocsPerRun(5, func() {
		if _, err := tr.Step(); err != nil {
			t.Fatal(err)
		}
	}); n > 2 {
		t.Errorf("a step allocates %v times", n)
	}
	if _, err := NewGANTrainer(tinyGAN(group.C4, SPGAN), nil); err == nil {
		t.Error("there is no source, and no error")
	}
}

func BenchmarkGANStep(b *testing.B) {
	c, _ := DefaultGANConfig("gan-digits")
	x := tensor.New(100, 28, 28, 1)
	tensor.NewStream(1, 1).Uniform(x.Data(), 0)
	tr, err := NewGANTrainer(c, Images(x, nil))
	if err != nil {
		b.Fatal(err)
	}
	defer tr.Wait()
	for b.Loop() {
		if _, err := tr.Step(); err != nil {
			b.Fatal(err)
		}
	}
}

// marred is blobs of which one has a number that is none.
type marred struct {
	blobs
	image int
}

func (m marred) Image(dst []float32, i int) (int, error) {
	class, err := m.blobs.Image(dst, i)
	if i == m.image {
		dst[3] = float32(math.NaN())
	}
	return class, err
}

// A GAN that diverges in the second update of its discriminator has made the first: it says whose weights are those of the step before.
func TestGANDivergesWithinAStep(t *testing.T) {
	c := tinyGAN(group.C4, SPGAN)
	c.CriticSteps = 2
	e := newEpochs(c.Seed, 10)
	tr, err1 := NewGANTrainer(c, marred{blobs{10, 12}, e.order(0)[c.Batch+1]})
	fresh, err2 := NewGANTrainer(c, blobs{10, 12})
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	defer tr.Wait()
	_, err := tr.Step()
	var diverged *DivergedError
	if !errors.As(err, &diverged) || !strings.Contains(err.Error(), "the generator's weights are those of step 0, the discriminator's may be later") {
		t.Errorf("the error is %v", err)
	}
	same := func(x, y []*nn.Param) bool {
		return slices.EqualFunc(x, y, func(p, q *nn.Param) bool { return slices.Equal(p.Value.Data(), q.Value.Data()) })
	}
	if !same(tr.generator.Params(), fresh.generator.Params()) || same(tr.critic.Params(), fresh.critic.Params()) {
		t.Error("the generator has moved, or the discriminator has not")
	}
}
