package spdiff

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"spdiff/group"
	"spdiff/nn"
	"spdiff/tensor"
	"spdiff/tensor/safetensors"
)

// put writes a file.
func put(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// foreignFile writes a safetensors file with this metadata.
func foreignFile(t *testing.T, metadata map[string]string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file.safetensors")
	f := &safetensors.File{Metadata: metadata, Tensors: []safetensors.Tensor{{Name: "down.weight", Value: tensor.New(3)}}}
	if err := safetensors.Write(path, f); err != nil {
		t.Fatal(err)
	}
	return path
}

// What is no model is said, and what to do: of the file, not of a length in its first bytes.
func TestLoadSaysWhatAFileIs(t *testing.T) {
	state := filepath.Join(t.TempDir(), "state.safetensors")
	tr, err := NewTrainer(tiny(group.C4, WT), blobs{10, 8})
	if err != nil {
		t.Fatal(err)
	}
	if err := tr.Save(state); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ path, kind, want string }{
		{t.TempDir(), "", "this is a folder"},
		{put(t, "PK\x03\x04 and more of it"), "", "PyTorch's torch.save"},
		{put(t, "\x80\x02}q\x00."), "", "pickle"},
		{put(t, "\x93NUMPY\x01\x00v"), "", "an array of numpy"},
		{put(t, `{"group": "C4"}`), "", "config.json"},
		{foreignFile(t, nil), "", `1 tensors, "down.weight"`},
		{foreignFile(t, map[string]string{"format": "pt"}), "", "another program"},
		{foreignFile(t, map[string]string{kindKey: "gan"}), "gan", "this is a GAN"},
		{state, KindState, "the state of a training, not a model"},
	} {
		var e *FileError
		if _, err := Load(c.path); !errors.As(err, &e) || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), c.path) {
			t.Errorf("%v; want a *FileError with the path and %q", err, c.want)
		}
		kind, err := Kind(c.path)
		if kind != c.kind || (err == nil) != (c.kind != "") || err != nil && !errors.As(err, &e) {
			t.Errorf("kind %q (%v), want %q", kind, err, c.kind)
		}
	}
	if _, err := Load(filepath.Join(t.TempDir(), "none")); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	if _, err := Load(put(t, "ABCDEFGHIJKLMNOP")); err == nil || !strings.Contains(err.Error(), "no safetensors file") {
		t.Error(err)
	}
}

// A model's file is sealed: one bit of it that has changed is an error. One without checksum and kind, as older ones are, loads.
func TestModelsAreSealed(t *testing.T) {
	m := train(t, tiny(group.C4, WT))
	path := filepath.Join(t.TempDir(), "model.safetensors")
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	if kind, err := Kind(path); kind != KindDiffusion || err != nil {
		t.Errorf("kind %q (%v)", kind, err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []int{len(whole) - 1, len(whole) / 2} {
		b := slices.Clone(whole)
		b[at] ^= 1
		var seal *safetensors.SealError
		if _, err := Load(put(t, string(b))); !errors.As(err, &seal) {
			t.Errorf("byte %d of %d changed: %v", at, len(whole), err)
		}
	}
	if err := safetensors.Write(path, nn.Weights(m.network.Params(), map[string]string{configKey: string(m.Config().JSON())})); err != nil {
		t.Fatal(err)
	}
	old, err := Load(path)
	if err != nil || !slices.Equal(weights(old), weights(m)) {
		t.Errorf("a file without checksum: %v", err)
	}
}

// What a file says of its network is true of it: a plain U-Net of the numbers in the metadata, which knows no group, takes the weights
// and computes the same, but for rounding. The map of labels, which such a network has not, is left out.
func TestFilesSayTheNetwork(t *testing.T) {
	wheel := tiny(group.C4, WT)
	wheel.Network.Kernel, wheel.Network.Taps = 5, nn.Pinwheel
	for _, c := range []Config{tiny(group.C4, GC), tiny(group.D4, GC), moving(group.C4, GC), wheel} {
		m, x := shaken(t, c), pictures(2, 8, 8).Data()
		f := m.file()
		said, err := ParseConfig([]byte(f.Metadata[configKey]))
		if err != nil {
			t.Fatal(err)
		}
		said.Method, said.Network.Taps, said.Augmentation = Plain, nn.Square, 0
		f.Tensors = slices.DeleteFunc(f.Tensors, func(v safetensors.Tensor) bool { return v.Name == "map_augment.weight" })
		plain := shaken(t, said)
		if err := nn.SetWeights(plain.network.Params(), f); err != nil {
			t.Fatal(err)
		}
		got, want := raw(t, plain, x, 0), raw(t, m, x, 0)
		for i := range want {
			if !(math.Abs(float64(got[i]-want[i])) < 1e-3) {
				t.Fatalf("%s over %v: number %d is %v, and %v in a plain network", c.title(), c.Group, i, want[i], got[i])
			}
		}
	}
}

// Older files have the groups and heads that were asked for, not those of the network: their models load and their trainings go on to
// the same bits, and say what the network has.
func TestFilesOfUnfittedNetworks(t *testing.T) {
	tr := trainer(t, tiny(group.C4, GC), blobs{10, 8})
	old := func(f *safetensors.File) string {
		c, path := tr.Config(), filepath.Join(t.TempDir(), "old.safetensors")
		c.Network.Groups, c.Network.Head = 4, 8
		text, err := json.Marshal(c)
		f.Metadata[configKey] = string(text)
		if err := errors.Join(err, safetensors.WriteSealed(path, f)); err != nil {
			t.Fatal(err)
		}
		return path
	}
	advance(t, tr, 3)
	back, err := Resume(old(tr.state().file()), blobs{10, 8}, 6)
	if err != nil {
		t.Fatal(err)
	}
	advance(t, tr, 3)
	advance(t, back, 3)
	m, err := Load(old(tr.Model().file()))
	if err != nil {
		t.Fatal(err)
	}
	if want := weights(tr.Model()); !slices.Equal(weights(m), want) || !slices.Equal(weights(back.Model()), want) {
		t.Error("other weights")
	}
	for _, c := range []Config{m.Config(), back.Config()} {
		if n, u := c.Network, m.network.Config; n.Groups != u.Groups || n.Head != u.Head || n.Groups == 4 {
			t.Errorf("it says %d groups and heads of %d, and has %d and %d", n.Groups, n.Head, u.Groups, u.Head)
		}
	}
}

// A large file that its configuration does not describe is an error by its header: its numbers, which are on no disk, are not read.
func TestLargeFilesAreNotRead(t *testing.T) {
	for kind, config := range map[string][]byte{KindDiffusion: tiny(group.C4, WT).JSON(), KindGAN: tinyGAN(group.C4, SPGAN).JSON()} {
		path := filepath.Join(t.TempDir(), "large.safetensors")
		header := `{"__metadata__":{"kind":"` + kind + `","config":` + quoted(string(config)) + `},"w":{"dtype":"F32","shape":[1610612736],"data_offsets":[0,6442450944]}}`
		head := append([]byte{byte(len(header)), byte(len(header) >> 8), 0, 0, 0, 0, 0, 0}, header...)
		if err := os.WriteFile(path, head, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(path, int64(len(head))+6442450944); err != nil {
			t.Skipf("SKIPPED: no sparse files here: %v", err)
		}
		bounded(t, "a file of 6 GiB", func() {
			if _, err := LoadGenerator(path); err == nil || !strings.Contains(err.Error(), "1610612736 numbers") {
				t.Errorf("%s: %v", kind, err)
			}
		})
	}
}

// What is no GAN is said, and what takes it: of a state nothing that would refuse it too.
func TestLoadGANSaysWhatAFileIs(t *testing.T) {
	dir := t.TempDir()
	state, adversarial, model := filepath.Join(dir, "state"), filepath.Join(dir, "gan-state"), filepath.Join(dir, "model")
	tr, err := NewGANTrainer(tinyGAN(group.C4, SPGAN), dots(20))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(tr.Save(adversarial), trainer(t, tiny(group.C4, WT), blobs{10, 8}).Save(state), shaken(t, tiny(group.C4, WT)).Save(model)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		path, is string
		takes    bool // LoadGenerator takes it, which is said
	}{
		{state, "this is the state of a training, not a model", false},
		{adversarial, "this is the state of a training, not a model", false},
		{model, "this is a diffusion, not a GAN", true},
		{foreignFile(t, map[string]string{kindKey: "vae"}), `kind "vae"`, false},
		{foreignFile(t, nil), "another program", false},
	} {
		var e *FileError
		if _, err := LoadGAN(c.path); !errors.As(err, &e) || !strings.Contains(err.Error(), c.is) || strings.Contains(e.Do, "LoadGenerator") != c.takes {
			t.Errorf("LoadGAN: %v; want a *FileError with %q", err, c.is)
		}
		if _, err := LoadGenerator(c.path); (err == nil) != c.takes {
			t.Errorf("LoadGenerator: %v; that it takes the file is %v", err, c.takes)
		}
	}
}

// A state of the other kind is said to be so, with the calls that take it, which do.
func TestStatesOfTheOtherKind(t *testing.T) {
	dir := t.TempDir()
	state, adversarial := filepath.Join(dir, "state"), filepath.Join(dir, "gan-state")
	gan, err := NewGANTrainer(tinyGAN(group.C4, SPGAN), dots(20))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(gan.Save(adversarial), trainer(t, tiny(group.C4, WT), blobs{10, 8}).Save(state)); err != nil {
		t.Fatal(err)
	}
	_, err1 := Resume(adversarial, dots(20), 1)
	_, err2 := LoadState(adversarial, 0)
	_, err3 := ResumeGAN(state, dots(20), 1)
	_, err4 := LoadGANState(state)
	for _, c := range []struct {
		err  error
		want string
	}{
		{err1, "ResumeGAN and LoadGANState"}, {err2, "ResumeGAN and LoadGANState"}, {err3, "Resume and LoadState"}, {err4, "Resume and LoadState"},
	} {
		var is *FileError
		if !errors.As(c.err, &is) || !strings.Contains(is.Do, c.want) {
			t.Errorf("%v; want a *FileError with %q", c.err, c.want)
		}
	}
	_, err1 = LoadState(state, 0)
	_, err2 = LoadGANState(adversarial)
	if err := errors.Join(err1, err2); err != nil {
		t.Error(err)
	}
}

// quoted returns a text as JSON.
func quoted(s string) string {
	return `"` + strings.NewReplacer(`"`, `\"`, "\n", `\n`).Replace(s) + `"`
}

// The bytes of a model are those of its file, and are the model again; of other bytes the error says what they are.
func TestEncodeAndDecode(t *testing.T) {
	m := shaken(t, tiny(group.C4, WT))
	path := filepath.Join(t.TempDir(), "model.safetensors")
	var b bytes.Buffer
	if err := errors.Join(m.Save(path), m.Encode(&b)); err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(file, b.Bytes()) {
		t.Fatalf("the file has other bytes, %v", err)
	}
	again, err := Decode(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	var c bytes.Buffer
	if err := again.Encode(&c); err != nil || !bytes.Equal(c.Bytes(), file) {
		t.Errorf("it is another model, %v", err)
	}
	file[len(file)-5] ^= 1
	var damaged *safetensors.SealError
	if _, err := Decode(bytes.NewReader(file), int64(len(file))); !errors.As(err, &damaged) {
		t.Errorf("a bit is another: %v", err)
	}
	other := strings.NewReader("\x93NUMPY, and so on")
	if _, err := Decode(other, other.Size()); err == nil || !strings.HasPrefix(err.Error(), "model: ") || !strings.Contains(err.Error(), "an array of numpy") {
		t.Errorf("something else: %v", err)
	}
}
