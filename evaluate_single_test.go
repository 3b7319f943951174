package spdiff

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"math"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"spdiff/group"
	"spdiff/nn/features"
	"spdiff/sde"
	"spdiff/tensor"
	"spdiff/tensor/metrics"
)

// What nothing asks for is neither drawn nor read, and has no features; what was asked for is as with all else, and so are parts.
func TestEvaluateOnlyWhatIsAsked(t *testing.T) {
	all := everything(t)
	all.Seeds = 1
	want := evaluatedAs(t, all)
	least := Comparison{Generator: all.Generator, Sampling: all.Sampling, Reference: all.Reference, Group: all.Group, Denoising: all.Denoising, NoDistance: true}
	for name, ask := range map[string]func(*Comparison){
		"denoising":        func(c *Comparison) { c.Restore = 6 },
		"copies":           func(c *Comparison) { c.Nearest = 5 },
		"shares":           func(c *Comparison) { c.Extractor, c.Classes, c.Orientations = all.Extractor, 2, 4 },
		"kernel distance":  func(c *Comparison) { c.Extractor, c.Kernel = all.Extractor, true },
		"inverse distance": func(c *Comparison) { c.Extractor, c.Inverse = all.Extractor, true },
	} {
		c, done := least, map[string]int{}
		c.Progress = func(what string, _, of int) { done[what] = of }
		ask(&c)
		q := evaluatedAs(t, c)
		c.Progress = nil
		if got := merged(t, partsOf(t, c, 0, 1, 2)); !reflect.DeepEqual(got, q) {
			t.Errorf("%s: of parts %+v, of the whole %+v", name, got, q)
		}
		text, err := json.Marshal(q)
		if err != nil || q.Frechet != nil || strings.Contains(string(text), `"fd`) {
			t.Errorf("%s: a distance in %s; %v", name, text, err)
		}
		sets := c.Kernel || c.Inverse
		drawn := map[string]int{"denoising": 0, "copies": 5, "shares": 23, "kernel distance": 23, "inverse distance": 23}[name]
		if done["samples"] != drawn || q.N != drawn {
			t.Errorf("%s: %d samples were drawn and %d are said, of %d that are wanted", name, done["samples"], q.N, drawn)
		}
		if (done["features of the reference"] > 0) != sets {
			t.Errorf("%s: features of %d images of the reference", name, done["features of the reference"])
		}
		same := want
		same.Frechet, same.Warnings, same.N, same.Features = nil, q.Warnings, q.N, q.Features
		keep(&same, q)
		if !reflect.DeepEqual(q, same) {
			t.Errorf("%s alone: %+v, with all else %+v", name, q, same)
		}
	}
}

// keep drops from all what is not in some.
func keep(all *Quality, some Quality) {
	x, y := reflect.ValueOf(all).Elem(), reflect.ValueOf(some)
	for i := range x.NumField() {
		if y.Field(i).IsZero() {
			x.Field(i).SetZero()
		}
	}
}

// Settings with which a generator cannot draw, or not denoise, are found before an image is read or a feature is computed.
func TestEvaluateChecksSettings(t *testing.T) {
	for want, spoil := range map[string]func(c *Comparison){
		"samples: settings: Steps":     func(c *Comparison) { c.Sampling.Steps = -1 },
		"samples: settings: Batch":     func(c *Comparison) { c.Sampling.Batch = 1 << 30 },
		"samples: settings: Guidance":  func(c *Comparison) { c.Sampling.Guidance = 1 },
		"samples: settings: Classes":   func(c *Comparison) { c.Sampling.Classes = []int{7} },
		"samples: settings: Solver":    func(c *Comparison) { c.Sampling.Solver = sde.DDIM{Eta: 2} },
		"denoising: settings: Start":   func(c *Comparison) { c.Denoising.Start = 7 },
		"denoising: settings: Steps":   func(c *Comparison) { c.Denoising.Steps = -1 },
		"denoising: settings: Classes": func(c *Comparison) { c.Denoising.Classes = []int{-1} },
		"nothing is to be measured": func(c *Comparison) {
			*c = Comparison{Generator: c.Generator, Reference: c.Reference, NoDistance: true, Progress: c.Progress}
		},
	} {
		c := everything(t)
		begun := ""
		c.Progress = func(what string, _, _ int) { begun = what }
		spoil(&c)
		if _, err := Evaluate(t.Context(), c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want an error with %q", err, want)
		}
		if begun != "" {
			t.Errorf("%s: found after %s", want, begun)
		}
	}
}

// Each image of the reference is read once before the work, whichever of them are denoised.
func TestEvaluateReadsOnce(t *testing.T) {
	c := everything(t)
	c.Restore = c.Reference.Len()
	read := 0
	c.Progress = func(what string, n, of int) {
		if what == "reading the reference" && n == of {
			read += of
		}
	}
	evaluatedAs(t, c)
	if read != c.Reference.Len() {
		t.Errorf("%d images were read, of %d", read, c.Reference.Len())
	}
}

// Solvers within a solver are told apart, and those that are alike are alike wherever they lie.
func TestSolversInWords(t *testing.T) {
	of := func(s sde.Solver) string { return inWords(sde.PredictorCorrector{Predictor: s}) }
	if a, b := of(sde.EulerMaruyama{Lambda: 1}), of(sde.SRA1{Lambda: 1}); a == b {
		t.Errorf("two predictors are %s", a)
	}
	if a, b := of(&sde.SRA1{Lambda: 1}), of(sde.SRA1{Lambda: 1}); a != b {
		t.Errorf("one predictor is %s and %s", a, b)
	}
	if a, b := inWords(&sde.PredictorCorrector{SNR: 0.2}), inWords(sde.PredictorCorrector{SNR: 0.2}); a != b || a == inWords(sde.PredictorCorrector{}) {
		t.Errorf("one solver is %s and %s", a, b)
	}
}

// A GAN is always told the class: to go further towards it is refused.
func TestGANHasNoGuidance(t *testing.T) {
	m := trainedGAN(t, tinyGAN(group.C4, SPGAN))
	var e *SettingError
	if _, err := m.Sample(t.Context(), Sampling{Reversal: Reversal{Guidance: 1}}); !errors.As(err, &e) || e.Field != "Guidance" || strings.Contains(err.Error(), "DropClass") {
		t.Errorf("%v", err)
	}
}

// Features that are not of such images, or that no machine has room for, are an error before the work.
func TestEvaluateChecksFeatures(t *testing.T) {
	for want, spoil := range map[string]func(c *Comparison){
		"(N, 3, 3, 1)":    func(c *Comparison) { c.Extractor = choosy{newProjections(4)} },
		"from 1 to 65536": func(c *Comparison) { c.Extractor = newProjections(1 << 20) },
		"projections/5: images of": func(c *Comparison) {
			c.Oriented, c.Inverse, c.Group = choosy{newProjections(5)}, true, group.C2
		},
		"projections/1048577 has": func(c *Comparison) { c.Oriented, c.Inverse, c.Group = newProjections(1<<20+1), true, group.C2 },
		"memory: the products of 65536": func(c *Comparison) {
			c.Extractor, c.Folds, c.Images = newProjections(1<<16), 10_000, repeated{c.Images, 20_000}
		},
		"they take 4 of each side": func(c *Comparison) { c.Cover, c.Reference = true, Limit(c.Reference, 3) },
		"15 covariances of 4 features": func(c *Comparison) {
			c.Reference, c.Statistics = nil, &metrics.Statistics{Mean: make([]float64, 4), Covariance: make([]float64, 15)}
		},
	} {
		c := Comparison{Images: blots(1, 20, 1, asTheyAre), Reference: blots(2, 20, 1, asTheyAre), Extractor: newProjections(4)}
		spoil(&c)
		if _, err := Evaluate(t.Context(), c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want an error with %q", err, want)
		}
	}
}

// What no memory holds is an error before an image is read or a feature computed: images, features that are kept, a batch.
func TestEvaluateChecksMemory(t *testing.T) {
	p := newProjections(256)
	large := repeated{Images(tensor.New(2, 64, 64, 1), nil), 300}
	many := repeated{blots(1, 20, 1, asTheyAre), 2000}
	model, gan := shaken(t, tiny(group.C4, WT)), trainedGAN(t, tinyGAN(group.C4, SPGAN))
	wide := tiny(group.C4, WT)
	wide.Network.Width = 64
	defer func(is func() float64) { memory = is }(memory)
	memory = func() float64 { return 3 << 20 }
	for want, c := range map[string]Comparison{
		"memory: 256 images of 64×64":           {Images: large, Reference: large, Extractor: p},
		"which Kernel and Cover keep":           {Images: many, Reference: many, Extractor: p, Kernel: true},
		"samples: memory: a feature map":        {Generator: model, Sampling: Sampling{N: maxBatch, Reversal: Reversal{Batch: maxBatch}}, Reference: many, Extractor: p},
		"samples: memory: sampling 1024 images": {Generator: model, Sampling: Sampling{N: 1024, Reversal: Reversal{Batch: 1024}}, Reference: many, Extractor: p},
		"samples: memory: sampling 400 images":  {Generator: gan, Sampling: Sampling{N: 400, Reversal: Reversal{Batch: 400}}, Reference: dots(20), Extractor: p},
		"denoising: memory: packing":            {Generator: shaken(t, wide), Reference: many, NoDistance: true, Restore: 2},
	} {
		begun, before := "", p.calls.Load()
		c.Progress = func(what string, _, _ int) { begun = what }
		_, err := Evaluate(t.Context(), c)
		var lack *MemoryError
		if !errors.As(err, &lack) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want an error with %q", err, want)
		}
		if begun != "" || p.calls.Load() != before {
			t.Errorf("%s: found after %s", want, begun)
		}
	}
}

// repeated is a source over and over again.
type repeated struct {
	Source
	n int
}

func (r repeated) Len() int { return r.n }
func (r repeated) Image(dst []float32, i int) (int, error) {
	return r.Source.Image(dst, i%r.Source.Len())
}

// choosy features are of images of three by three pixels.
type choosy struct{ projections }

func (p choosy) Of(context.Context, *tensor.Tensor) (*tensor.Tensor, error) {
	panic(&features.ImagesError{Network: p.Name(), Shape: tensor.Shape{1, 8, 8, 1}, Want: "(N, 3, 3, 1)"})
}

// Images that are as the clean ones have no finite PSNR, and none is said.
func TestEvaluateOfWhatIsNotDegraded(t *testing.T) {
	c := everything(t)
	c.Factor = 1
	if q := evaluatedAs(t, c); q.Before.PSNR != nil || q.Before.MSE != 0 || q.After.PSNR == nil {
		t.Errorf("not degraded %+v, denoised %+v", q.Before, q.After)
	}
}

// Who cancels while the distances are made gets that error, with its cause.
func TestQualityIsCancelled(t *testing.T) {
	m, err := Measure(t.Context(), everything(t))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	late := errors.New("too late")
	cancel(late)
	if _, err := m.Quality(ctx); !errors.Is(err, context.Canceled) || !errors.Is(err, late) {
		t.Errorf("%v", err)
	}
}

// Parts that older versions wrote say nothing of NoDistance: they have their distances.
func TestOlderTallies(t *testing.T) {
	c := everything(t)
	c.Inverse, c.Kernel, c.Cover = false, false, false
	m, err := Measure(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	text, err1 := json.Marshal(m.body())
	old := bytes.Replace(text, []byte(`"NoDistance":false,`), nil, 1)
	path := filepath.Join(t.TempDir(), "old.npz")
	if err := cmp.Or(err1, m.save(path, old)); err != nil || len(old) == len(text) {
		t.Fatalf("%v, and %d bytes of %d", err, len(old), len(text))
	}
	back, err := LoadTally(path)
	if err != nil {
		t.Fatal(err)
	}
	want, err1 := m.Quality(t.Context())
	got, err2 := back.Quality(t.Context())
	if err := cmp.Or(err1, err2); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
}

// A cancelled context is seen between the distances of seeds too, and of a GAN a solver that is none changes nothing.
func TestEvaluateGAN(t *testing.T) {
	m := trainedGAN(t, tinyGAN(group.C4, SPGAN))
	c := Comparison{Generator: m, Sampling: Sampling{N: 6, Reversal: Reversal{Solver: (*sde.DDIM)(nil)}}, Seeds: 2, Reference: dots(20), Extractor: newProjections(2)}
	tally, err := Measure(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if q, err := tally.Quality(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("%+v, %v", q, err)
	}
	for _, p := range m.network.Params() {
		p.Value.Data()[0] = float32(math.NaN())
	}
	fresh := &GAN{config: m.config, network: m.network}
	var broken *sde.NotFiniteError
	if _, err := fresh.Sample(t.Context(), Sampling{Reversal: Reversal{First: 9}}); !errors.As(err, &broken) || broken.Image != 9 {
		t.Errorf("image 9 is broken: %v", err)
	}
}

// Features that are not finite are said so, and no invariance that nobody claimed.
func TestEvaluateBrokenFeatures(t *testing.T) {
	c := Comparison{Images: blots(1, 20, 1, asTheyAre), Reference: blots(2, 20, 1, asTheyAre), Extractor: nowhere{newProjections(2)}}
	var e *metrics.ValueError
	if _, err := Evaluate(t.Context(), c); !errors.As(err, &e) {
		t.Errorf("%v", err)
	}
}

// nowhere features are no numbers.
type nowhere struct{ projections }

func (p nowhere) Of(ctx context.Context, images *tensor.Tensor) (*tensor.Tensor, error) {
	z, err := p.projections.Of(ctx, images)
	z.Data()[0] = float32(math.NaN())
	return z, err
}

// Folds that are not made need no room.
func TestEvaluateManyFolds(t *testing.T) {
	evaluatedAs(t, Comparison{Images: blots(1, 20, 1, asTheyAre), Reference: blots(2, 20, 1, asTheyAre), Extractor: newProjections(256), Folds: maxParts})
}
