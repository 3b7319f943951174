package main

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"spdiff"
	"spdiff/autodiff"
	"spdiff/cmd/internal/cli/clitest"
	"spdiff/group"
	"spdiff/nn"
	"spdiff/tensor"
	"spdiff/tensor/safetensors"
)

const golden = "testdata/adm.pt" // made, with adm.safetensors, by testdata/make_import_golden.py, which says what they are

// importing runs the command, and returns the model's file and what was printed.
func importing(t *testing.T, args string) (path, said string, err error) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "model.safetensors")
	said = clitest.Captured(t, func() { err = run(context.Background(), append(strings.Fields(args), "-out", path)) })
	return path, said, err
}

// network returns the network of a model's file, which spdiff.Load takes.
func network(t *testing.T, path string) *nn.UNet {
	t.Helper()
	m, err := spdiff.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	f, err := safetensors.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	u, err := nn.NewUNet(m.Config().Network)
	if err != nil {
		t.Fatal(err)
	}
	if err := nn.SetWeights(u.Params(), f); err != nil {
		t.Fatal(err)
	}
	return u
}

// nhwc returns an NCHW tensor's numbers in our order, and back if c and pixels are exchanged.
func nhwc(x []float32, c, pixels int) []float32 {
	z := make([]float32, len(x))
	for i := range x {
		image, ch, p := i/(c*pixels), i/pixels%c, i%pixels
		z[(image*pixels+p)*c+ch] = x[i]
	}
	return z
}

// evaluate returns what a network makes of a golden file's inputs, in PyTorch's order.
func evaluate(u *nn.UNet, in *safetensors.File) []float32 {
	c, n := u.Config, in.Get("x").Shape()[0]
	x, t, y := autodiff.Input("x", n, c.ImageHeight, c.ImageWidth, c.In), autodiff.Input("t", n), autodiff.Input("y", n)
	z := u.Apply(x, &nn.Conditions{Time: t, Class: y})
	w := autodiff.Compile(z).NewWorkspace()
	pixels := c.ImageHeight * c.ImageWidth
	copy(w.Input(x), nhwc(in.Get("x").Data(), c.In, pixels))
	copy(w.Input(t), in.Get("t").Data())
	copy(w.Input(y), in.Get("y").Data())
	w.Prepare()
	w.Run()
	return nhwc(w.Output(z), pixels, c.Out)
}

// distance returns how far two lists of numbers are apart, of the length of the second.
func distance(got, want []float32) float64 {
	if len(got) != len(want) {
		return math.Inf(1)
	}
	var diff, length float64
	for i := range want {
		d := float64(got[i]) - float64(want[i])
		diff, length = diff+d*d, length+float64(want[i])*float64(want[i])
	}
	return math.Sqrt(diff / length)
}

// isPyTorchs fails unless a model computes what PyTorch did.
func isPyTorchs(t *testing.T, model, answers string) {
	t.Helper()
	in, err := safetensors.Read(answers)
	if err != nil {
		t.Fatal(err)
	}
	d := distance(evaluate(network(t, model), in), in.Get("z").Data())
	if !(d < 1e-5) {
		t.Errorf("%s: the model is %.2g from PyTorch", answers, d)
	}
	t.Logf("%s: relative difference from PyTorch %.2g", answers, d)
}

const ofGolden = "-in " + golden + " -size 8 -head-channels 4 -groups 2 -schedule linear -predict eps "

// A checkpoint of PyTorch, its attention in the new order, its variances learned, becomes a model that computes the same.
func TestGoldenCheckpoint(t *testing.T) {
	path, said, err := importing(t, ofGolden+"-qkv new")
	if err != nil {
		t.Fatal(err)
	}
	isPyTorchs(t, path, "testdata/adm.safetensors")
	for _, want := range []string{"state_dict.module.…", "of its 4 channels the first 2 are kept", "go run ./cmd/sample -model " + path} {
		if !strings.Contains(said, want) {
			t.Errorf("it says\n%s\nwithout %q", said, want)
		}
	}
	if path, _, err = importing(t, ofGolden+"-qkv legacy"); err != nil {
		t.Fatal(err)
	}
	in, _ := safetensors.Read("testdata/adm.safetensors")
	if d := distance(evaluate(network(t, path), in), in.Get("z").Data()); d < 1e-3 {
		t.Errorf("in the other order it is %.2g from PyTorch: the order does not matter?", d)
	}
}

// Larger networks in both orders, from PyTorch anew: SPDIFF_PYTHON=/usr/bin/python3 go test -run Exchange ./cmd/import
func TestExchange(t *testing.T) {
	python := os.Getenv("SPDIFF_PYTHON")
	if exec.Command(python, "-c", "import torch").Run() != nil {
		t.Skip("SKIPPED: no checkpoints from PyTorch; SPDIFF_PYTHON does not name a Python that has it")
	}
	for _, order := range []string{legacyOrder, newOrder} {
		theirs := filepath.Join(t.TempDir(), "adm")
		if out, err := exec.Command(python, "../../testdata/make_import_golden.py", order, theirs).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		path, _, err := importing(t, "-in "+theirs+".pt -size 16 -head-channels 8 -groups 8 -schedule edm -predict edm -qkv "+order)
		if err != nil {
			t.Fatal(err)
		}
		isPyTorchs(t, path, theirs+".safetensors")
	}
}

// weights writes the weights of a random network without its configuration, and returns the file.
func weights(t *testing.T, c nn.UNetConfig, change func(f *safetensors.File)) string {
	t.Helper()
	u, err := nn.NewUNet(c)
	if err != nil {
		t.Fatal(err)
	}
	u.Init(1)
	f := nn.Weights(u.Params(), nil)
	if change != nil {
		change(f)
	}
	path := filepath.Join(t.TempDir(), "adm.safetensors")
	if err := safetensors.Write(path, f); err != nil {
		t.Fatal(err)
	}
	return path
}

func small() nn.UNetConfig {
	return nn.UNetConfig{ImageHeight: 8, ImageWidth: 12, In: 3, Out: 3, Width: 8, Mult: []int{1, 2}, Blocks: 1, Attention: []int{2}, Head: 8,
		Groups: 4, Kernel: 3}
}

const said = " -size 8x12 -groups 4 -schedule cosine -predict x0 "

// Weights of our own come back, bit for bit, in either order of qkv and with any way to say what heads there are; the model's settings are
// those of the flags.
func TestOwnWeights(t *testing.T) {
	one := small()
	one.Head, one.Attention = 16, nil
	conditioned := small()
	conditioned.In = 6
	for args, c := range map[string]nn.UNetConfig{
		"-head-channels 8 -qkv legacy": small(),
		"-heads 2 -qkv legacy":         small(),
		"-heads 1":                     one,
		"-head-channels 16":            one,
		"-head-channels 8 -qkv legacy -method oc -group d2":      small(),
		"-head-channels 8 -qkv legacy -method cf -group h":       small(),
		"-head-channels 8 -qkv legacy -predict eps -schedule ve": small(),
		"-head-channels 8 -qkv legacy -condition":                conditioned,
	} {
		in := weights(t, c, nil)
		path, _, err := importing(t, "-in "+in+said+args)
		if err != nil {
			t.Errorf("%s: %v", args, err)
			continue
		}
		theirs, _ := safetensors.Read(in)
		want := networkOf(t, c, theirs)
		for _, p := range network(t, path).Params() {
			if !slices.Equal(p.Value.Data(), want[p.Name]) {
				t.Errorf("%s: %s differs", args, p.Name)
			}
		}
		m, _ := spdiff.Load(path)
		if got, want := settings(m.Config()), told(said+args); !strings.EqualFold(got, want) {
			t.Errorf("%s: the model's settings are %s, want %s", args, got, want)
		}
		got := m.Config().Network
		got.Group, got.Features = c.Group, c.Features
		if fmt.Sprint(got) != fmt.Sprint(c) {
			t.Errorf("%s: got  %+v,\nwant %+v", args, got, c)
		}
	}
}

// settings returns what a configuration says beside its network.
func settings(c spdiff.Config) string {
	return fmt.Sprintf("%v %v %v %v %v", c.Schedule, c.Predict, c.Method, c.Group, c.Condition)
}

// told returns what arguments say of that, the last of each flag, and what -h says of those that are not there.
func told(args string) string {
	last := map[string]string{"-method": "plain", "-group": "C1"}
	words := strings.Fields(args)
	for i, word := range words[:len(words)-1] {
		last[word] = words[i+1]
	}
	return fmt.Sprintf("%s %s %s %s %v", last["-schedule"], last["-predict"], last["-method"], last["-group"], slices.Contains(words, "-condition"))
}

func networkOf(t *testing.T, c nn.UNetConfig, f *safetensors.File) map[string][]float32 {
	t.Helper()
	u, err := nn.NewUNet(c)
	if err != nil {
		t.Fatal(err)
	}
	if err := nn.SetWeights(u.Params(), f); err != nil {
		t.Fatal(err)
	}
	values := map[string][]float32{}
	for _, p := range u.Params() {
		values[p.Name] = p.Value.Data()
	}
	return values
}

// Rows (3, heads, d) become (heads, 3, d).
func TestHeadsFirst(t *testing.T) {
	x := tensor.From([]float32{1, 2, 3, 4, 11, 12, 13, 14, 21, 22, 23, 24}, 12) // q k v of two heads of two channels
	if got := fmt.Sprint(headsFirst(x, 2).Data()); got != "[1 2 11 12 21 22 3 4 13 14 23 24]" {
		t.Errorf("got %s", got)
	}
}

// The command that the error proposes works.
func TestProposedCommandWorks(t *testing.T) {
	deep, conditional := small(), small()
	deep.Mult, deep.ImageWidth, deep.Attention = []int{1, 1, 2}, 8, []int{1, 4}
	conditional.In = 6
	for in, args := range map[string]string{
		golden:                       "",
		weights(t, small(), nil):     "-predict v -groups 2",
		weights(t, deep, nil):        "-qkv new -heads 1 -groups 5",
		weights(t, conditional, nil): "-condition -method oc -group c2",
	} {
		_, _, err := importing(t, "-in "+in+" "+args)
		if err == nil {
			t.Fatalf("%s %s: no error", in, args)
		}
		_, command, found := strings.Cut(err.Error(), "go run ./cmd/import ")
		if !found || !strings.Contains(err.Error(), "-schedule ") {
			t.Fatalf("%s: the error proposes nothing: %v", in, err)
		}
		if err := run(context.Background(), strings.Fields(command)); err != nil {
			t.Errorf("%s: %v", command, err)
		}
	}
}

// short adds a long tensor, so that there are numbers enough, and leaves one of another.
func short(name string) func(*safetensors.File) {
	return func(f *safetensors.File) {
		for i := range f.Tensors {
			if f.Tensors[i].Name == name {
				f.Tensors[i].Value = tensor.New(1)
			}
		}
		f.Tensors = append(f.Tensors, safetensors.Tensor{Name: "more", Value: tensor.New(1 << 16)})
	}
}

// What is wrong is said with what to do.
func TestErrors(t *testing.T) {
	clitest.BadFlags(t, run, map[string]string{
		"":                                    "-in is missing",
		"-in m -out x.pt":                     "must end in .safetensors",
		"-in m -heads 2 -head-channels 4":     "give one of them",
		"-in m -heads 0":                      "at least 1",
		"-in m -qkv old":                      "legacy and new",
		"-in m -size 8x":                      "number of pixels",
		"-in m -size 0":                       "number of pixels",
		"-in m -size 8x8x8":                   "number of pixels",
		"-in m -method oc":                    "it needs a group",
		"-in m -schedule exp":                 "there are cosine",
		"-in " + golden:                       "  -qkv ",
		"-in " + golden + " -heads 3 -size 8": "-heads 3",
		"-in " + golden + " -prefix ema.":     "no tensor",
	})
	again, conditional, variances, other, wide := small(), small(), small(), small(), small()
	wide.Attention = []int{1, 2}
	conditional.In, variances.In, variances.Out, other.Out = 6, 6, 6, 4
	existing := weights(t, again, nil)
	rest := said + "-head-channels 8 -qkv legacy "
	for _, c := range []struct{ args, want string }{
		{"-in none" + rest, "no such file"},
		{"-in ../../tensor/torchfile/testdata/danger.pt" + rest, `"system" of Python's module "posix"`},
		{"-in ../../tensor/torchfile/testdata/legacy.pt" + rest, "none of its 9 tensors"},
		{"-in ../../tensor/torchfile/testdata/state.pt" + rest, "none of its 9 tensors is input_blocks.0.0.weight"},
		{"-in " + existing + " -size 7x12 -groups 4 -schedule cosine -predict x0 -head-channels 8 -qkv legacy", "7×12"},
		{"-in " + existing + " -size 8x12 -groups 4 -schedule cosine -predict x0 -head-channels 3 -qkv legacy", "a head's 3"},
		{"-in " + weights(t, conditional, nil) + rest, "say -condition"},
		{"-in " + weights(t, wide, nil) + said + "-heads 2 -qkv legacy", "have one number of channels"},
		{"-in " + weights(t, other, nil) + rest, "out.2.weight gives 4"},
		{"-in " + existing + rest + "-condition", "-condition: the network takes 3 channels"},
		{"-in " + weights(t, again, func(f *safetensors.File) { f.Tensors = f.Tensors[1:] }) + rest, "time_embed.0.weight"},
		{"-in " + weights(t, again, short("middle_block.1.qkv.bias")) + said + "-head-channels 8 -qkv new", "its rows are not those of heads"},
		{"-in " + weights(t, again, short("middle_block.1.qkv.weight")) + rest, "three times as many rows"},
		{"-in " + weights(t, again, func(f *safetensors.File) { f.Tensors = slices.Delete(f.Tensors, 5, 6) }) + rest, "numbers"},
		{"-in " + weights(t, again, func(f *safetensors.File) {
			f.Tensors = append(f.Tensors, safetensors.Tensor{Name: "map_augment.weight", Value: tensor.New(3, 5)})
		}) + rest, "map_augment.weight"},
		{"-in " + weights(t, again, func(f *safetensors.File) {
			f.Tensors = append(f.Tensors, safetensors.Tensor{Name: "ema." + firstName, Value: tensor.New(8, 3, 3, 3)})
		}) + rest, `it has 2 networks; say which: -prefix "", or -prefix ema.`},
	} {
		path, _, err := importing(t, c.args)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v; want an error with %q", c.args, err, c.want)
		}
		if _, err := os.Stat(path); err == nil {
			t.Errorf("%s: a file was written", c.args)
		}
	}
	if _, _, err := importing(t, "-in "+weights(t, variances, nil)+rest+"-condition"); err != nil {
		t.Errorf("self-conditioning with variances: %v", err)
	}
	before, _ := os.ReadFile(existing)
	err := run(context.Background(), strings.Fields("-in "+existing+rest+"-out "+existing))
	if after, _ := os.ReadFile(existing); err == nil || !strings.Contains(err.Error(), "there already") || !slices.Equal(before, after) {
		t.Errorf("over itself: %v", err)
	}
	if help := clitest.Help(t, run); !strings.Contains(help, "resblock_updown") {
		t.Error("-h does not say what is read")
	}
}

// An interrupt ends it, also when the weights are read already, and nothing is written.
func TestInterrupted(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	dir := t.TempDir()
	args := strings.Fields(ofGolden + "-qkv new -out " + filepath.Join(dir, "model.safetensors"))
	o, err := parse(args)
	if err != nil {
		t.Fatal(err)
	}
	s, err := open(o.in, o.prefix, o.given["prefix"])
	if err != nil {
		t.Fatal(err)
	}
	c, err := o.network(s)
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{run(ctx, args), o.write(ctx, s, c)} {
		if !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 0 {
		t.Errorf("it leaves %v (%v)", files, err)
	}
}

// twice adds a second network to a file, of other numbers, and gives both networks their prefixes.
func twice(first, second string) func(*safetensors.File) {
	return func(f *safetensors.File) {
		for i, w := range f.Tensors {
			z := tensor.New(w.Value.Shape()...)
			for k, v := range w.Value.Data() {
				z.Data()[k] = 2 * v
			}
			f.Tensors[i].Name = first + w.Name
			f.Tensors = append(f.Tensors, safetensors.Tensor{Name: second + w.Name, Value: z})
		}
	}
}

// Of two networks in a file either can be had, also where the prefix of one is nothing or how the other's begins: as if it were alone.
func TestPrefixes(t *testing.T) {
	const flags = "-head-channels 8 -qkv legacy -prefix="
	alone, _ := safetensors.Read(weights(t, small(), nil))
	want := networkOf(t, small(), alone)
	for _, c := range []struct{ first, second, left string }{
		{"", "ema.", "without a prefix"}, {"model.", "model.ema.", "model.…"}, {"a.", "b.", "a.…"},
	} {
		in := weights(t, small(), twice(c.first, c.second))
		for times, prefix := range []string{c.first, c.second} {
			path, out, err := importing(t, "-in "+in+said+flags+prefix)
			if err != nil {
				t.Errorf("%q of %q: %v", prefix, c, err)
				continue
			}
			for _, p := range network(t, path).Params() {
				for k, v := range p.Value.Data() {
					if v != float32(times+1)*want[p.Name][k] {
						t.Fatalf("%q of %q: %s is not its own", prefix, c, p.Name)
					}
				}
			}
			if !strings.Contains(out, fmt.Sprintf("(%d others are left out)", len(alone.Tensors))) || times == 0 && !strings.Contains(out, c.left) {
				t.Errorf("%q of %q: it says\n%s", prefix, c, out)
			}
		}
	}
}

// goldenWith returns a copy of the golden checkpoint with one more text in its table.
func goldenWith(t *testing.T, key, text string) string {
	t.Helper()
	z, err := zip.OpenReader(golden)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	pickled := func(s string) string { return "X" + string(binary.LittleEndian.AppendUint32(nil, uint32(len(s)))) + s }
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range z.File {
		content, err := fs.ReadFile(z, f.Name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(f.Name, "/data.pkl") { // which ends with the table on top
			content = slices.Concat(content[:len(content)-1], []byte(pickled(key)+pickled(text)+"s."))
		}
		entry, err := w.CreateHeader(&zip.FileHeader{Name: f.Name, Method: zip.Store})
		if err != nil {
			t.Fatal(err)
		}
		entry.Write(content)
	}
	w.Close()
	path := filepath.Join(t.TempDir(), "adm.pt")
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// A text called "config" makes a file one of ours only if it is a configuration, or the file says what kind of ours it is.
func TestConfigOfOthers(t *testing.T) {
	ours, err := spdiff.DefaultConfig(nn.Presets()[0])
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := importing(t, "-in "+goldenWith(t, "config", string(ours.JSON()))+strings.TrimPrefix(ofGolden, "-in "+golden)+"-qkv new"); err != nil {
		t.Errorf("a file of PyTorch: %v", err)
	}
	for _, c := range []struct {
		metadata map[string]string
		model    bool
	}{
		{map[string]string{"config": `{"image_size": 64}`}, false},
		{map[string]string{"config": "configs/adm.yaml", "kind": "unet"}, false},
		{map[string]string{"config": string(ours.JSON())}, true},
		{map[string]string{"config": "{}", "kind": spdiff.KindGANState}, true},
	} {
		in := weights(t, small(), func(f *safetensors.File) { f.Metadata = c.metadata })
		_, _, err := importing(t, "-in "+in+said+"-head-channels 8 -qkv legacy")
		if refused := err != nil && strings.Contains(err.Error(), "a model already"); refused != c.model || err != nil && !refused {
			t.Errorf("%v: %v", c.metadata, err)
		}
	}
}

// Kernels that are tied make a model that is equivariant by construction; others do not.
func TestTiedKernels(t *testing.T) {
	c := small()
	c.Group = group.D2
	if _, _, err := importing(t, "-in "+weights(t, c, nil)+said+"-head-channels 8 -qkv legacy -method wt -group d2"); err != nil {
		t.Error(err)
	}
	_, _, err := importing(t, "-in "+weights(t, small(), nil)+said+"-head-channels 8 -qkv legacy -method wt -group d2")
	if err == nil || !strings.Contains(err.Error(), "tie") {
		t.Errorf("kernels that are not tied: %v", err)
	}
}
