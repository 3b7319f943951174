package spdiff

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"spdiff/autodiff"
	"spdiff/group"
	"spdiff/nn"
	"spdiff/tensor/safetensors"
)

// States and models that the first version wrote (testdata/old: minute over C4, its blobs of 4×4 pixels, a state of step 3 and
// the model of step 6) go on, and load, to the same bits.
func TestOldFiles(t *testing.T) {
	for _, name := range []string{"wt", "reg-oc"} {
		m, err := Load("testdata/old/model-" + name + ".safetensors")
		if err != nil {
			t.Fatal(err)
		}
		tr, err := Resume("testdata/old/state-"+name+".safetensors", blobs{10, 4}, 6)
		if err != nil {
			t.Fatal(err)
		}
		if tr.Steps() != 3 || tr.Config().Augment != On {
			t.Errorf("%s: step %d, augment %v", name, tr.Steps(), tr.Config().Augment)
		}
		if err := tr.Run(context.Background(), nil); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(weights(tr.Model()), weights(m)) {
			t.Errorf("%s: the old state goes on to other weights", name)
		}
		if diff := cmp.Diff(string(m.Config().JSON()), string(tr.Model().Config().JSON())); diff != "" {
			t.Errorf("%s: configurations of model and training differ (-model +training):\n%s", name, diff)
		}
	}
}

// duel is what a training of two networks has: each its own optimiser, one with numbers that are not trained.
type duel struct {
	artist, critic   []*nn.Param
	forger, examiner *nn.Optimiser
	running          []float32
	gradients        [2][][]float32
}

func newDuel(t *testing.T) *duel {
	t.Helper()
	c := nn.OptimiserConfig{Rule: nn.AdamW(), Averages: []nn.Average{{Rate: 0.9}}}
	d := &duel{running: make([]float32, 3)}
	make := func(k int, to *[]*nn.Param, o **nn.Optimiser) {
		n := minute().Resolved().Network
		u, err := nn.NewUNet(n)
		if err != nil {
			t.Fatal(err)
		}
		u.Init(uint64(k))
		for _, p := range u.Params() {
			d.gradients[k] = append(d.gradients[k], autodiff.Compile(p.Node()).NewWorkspace().Output(p.Node()))
		}
		*to, *o = u.Params(), nn.NewOptimiser(c, u.Params(), d.gradients[k])
	}
	make(0, &d.artist, &d.forger)
	make(1, &d.critic, &d.examiner)
	return d
}

// play makes steps, of the critic more than of the artist.
func (d *duel) play(n int) {
	step := func(k int, o *nn.Optimiser) {
		for i, g := range d.gradients[k] {
			for j := range g {
				g[j] = float32((i+j+o.State().Steps)%7) - 3
			}
		}
		o.Step(0.01)
	}
	for range n {
		step(0, d.forger)
		step(1, d.examiner)
		step(1, d.examiner)
		d.running[1] += 0.5
	}
}

func (d *duel) state() *state {
	s := newState(map[string]string{"kind": "duel"}, map[string]string{"data": "blobs"})
	s.add("artist", d.artist, d.forger)
	s.add("critic", d.critic, d.examiner)
	s.addBuffer("critic", "running", d.running)
	return s
}

// numbersOf returns the bits of all arrays and the steps.
func (d *duel) numbersOf() (all []uint32) {
	for _, a := range d.state().arrays {
		all = append(all, bits(a.values)...)
	}
	return append(all, uint32(d.forger.State().Steps), uint32(d.examiner.State().Steps))
}

// A state knows no trainer: two networks with an optimiser each, and numbers that are not trained, are saved and go on to the same
// bits.
func TestStateOfTwoNetworks(t *testing.T) {
	path := filepath.Join(t.TempDir(), "duel.safetensors")
	whole := newDuel(t)
	whole.play(3)
	if err := whole.state().save(path); err != nil {
		t.Fatal(err)
	}
	whole.play(2)
	f, err := safetensors.ReadSealed(path)
	if err != nil {
		t.Fatal(err)
	}
	if notes := notesOf(f); f.Metadata["kind"] != "duel" || notes["data"] != "blobs" || len(notes) != 1 {
		t.Errorf("the metadata is %v", f.Metadata)
	}
	back := newDuel(t)
	if err := back.state().restore(f, 100); err != nil {
		t.Fatal(err)
	}
	back.play(2)
	if !slices.Equal(whole.numbersOf(), back.numbersOf()) {
		t.Error("the training of two networks goes on to other bits")
	}

	before := newDuel(t)
	want := before.numbersOf()
	for name, spoil := range map[string]func(){
		"steps beyond all":  func() { f.Metadata["critic/steps"] = "101" },
		"steps of nobody":   func() { delete(f.Metadata, "critic/steps") },
		"a missing tensor":  func() { f.Tensors = f.Tensors[:len(f.Tensors)-1] },
		"another's weights": func() { f.Tensors[0].Name = "painter/" + f.Tensors[0].Name },
	} {
		f, err = safetensors.ReadSealed(path)
		if err != nil {
			t.Fatal(err)
		}
		spoil()
		if err := before.state().restore(f, 100); err == nil {
			t.Errorf("%s: no error", name)
		}
		if !slices.Equal(before.numbersOf(), want) {
			t.Errorf("%s: something was changed in spite of the error", name)
		}
	}
}

// Notes come back, and the training goes on with them.
func TestNotes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.safetensors")
	tr := trainer(t, tiny(group.C4, WT), blobs{10, 8})
	tr.Notes = map[string]string{"images": "blobs, 10 of them", "": "an empty key", "steps": "no number"}
	for range 2 {
		if err := tr.Save(path); err != nil {
			t.Fatal(err)
		}
		back, err := Resume(path, blobs{10, 8}, 9)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tr.Notes, back.Notes); diff != "" {
			t.Errorf("notes (-saved +resumed):\n%s", diff)
		}
		tr = back
	}
}

// A file of another version says so, a state and a model.
func TestVersions(t *testing.T) {
	tr := trainer(t, tiny(group.C4, WT), blobs{10, 8})
	path := filepath.Join(t.TempDir(), "state.safetensors")
	f := tr.state().file()
	f.Metadata[formatKey] = "7"
	if err := safetensors.WriteSealed(path, f); err != nil {
		t.Fatal(err)
	}
	var e *VersionError
	if _, err := Resume(path, blobs{10, 8}, 9); !errors.As(err, &e) || e.Version != "7" || !strings.Contains(err.Error(), path) {
		t.Errorf("a state: %v", err)
	}
	f = tr.Model().file()
	f.Metadata[formatKey] = "7"
	if err := safetensors.WriteSealed(path, f); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(path); !errors.As(err, &e) {
		t.Errorf("a model: %v", err)
	}
}

// A state of a training that is done resumes, makes no step, and gives its model: it was killed before the model was saved.
func TestResumeWhatIsDone(t *testing.T) {
	c := tiny(group.C4, WT)
	tr := trainer(t, c, blobs{10, 8})
	advance(t, tr, c.Steps)
	path := filepath.Join(t.TempDir(), "state.safetensors")
	if err := tr.Save(path); err != nil {
		t.Fatal(err)
	}
	for _, steps := range []int{0, 3, c.Steps} {
		back, err := Resume(path, blobs{10, 8}, steps)
		if err != nil {
			t.Fatal(err)
		}
		if err := back.Run(context.Background(), func(Step) error { t.Error("a step"); return nil }); err != nil || back.Steps() != c.Steps {
			t.Errorf("to step %d: %d steps, %v", steps, back.Steps(), err)
		}
		if !slices.Equal(weights(back.Model()), weights(tr.Model())) {
			t.Errorf("to step %d: another model", steps)
		}
	}
}
