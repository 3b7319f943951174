package main

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"spdiff"
	"spdiff/cmd/internal/cli/clitest"
	"spdiff/cmd/internal/digits"
	"spdiff/group"
	"spdiff/nn"
	"spdiff/tensor"
)

func do(args ...string) error { return run(context.Background(), args) }

// quick are flags for little work.
var quick = []string{"-cells", "60", "-steps", "1", "-evaluations", "5"}

func read(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// drawn runs the command into a new folder, and returns the folder and what was printed.
func drawn(t *testing.T, args ...string) (folder, text string) {
	t.Helper()
	folder = filepath.Join(t.TempDir(), "made", "here")
	text = clitest.Captured(t, func() {
		if err := do(append(append([]string{"-out", folder}, quick...), args...)...); err != nil {
			t.Fatal(err)
		}
	})
	return folder, text
}

func TestBadFlags(t *testing.T) {
	clitest.BadFlags(t, run, map[string]string{
		"-only 9":              `no figure "9"`,
		"-only 1,x":            `no figure "x"`,
		"-only 2,":             `no figure ""`,
		"2":                    "-only",
		"-out=":                "-out is empty",
		"-steps 0":             "-steps",
		"-threads -1":          "-threads",
		"-evaluations 0":       "-evaluations",
		"-evaluations 1048577": "at most 1048576",
		"-cells 9":             "-cells is 9",
		"-seed -1":             "-1",
		"-only 2 -model m":     "for figure 1",
	})
	help := clitest.Help(t, run)
	for _, f := range figures {
		if !strings.Contains(help, f.title) {
			t.Errorf("-h does not say %q", f.title)
		}
	}
}

// Where nothing can be written that is said before the work.
func TestFolder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	os.WriteFile(file, nil, 0o644)
	text := clitest.Captured(t, func() {
		err := do("-out", filepath.Join(file, "figures"))
		if err == nil || !strings.Contains(err.Error(), "-out "+file) || !strings.Contains(err.Error(), "another folder") {
			t.Error(err)
		}
	})
	if text != "" {
		t.Errorf("it began: %s", text)
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, f := range figures {
		folder := t.TempDir()
		var err error
		clitest.Captured(t, func() {
			err = run(ctx, append([]string{"-out", folder, "-only", string(rune('0' + f.number))}, quick...))
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("figure %d: %v", f.number, err)
		}
		if files, _ := os.ReadDir(folder); len(files) != 0 {
			t.Errorf("figure %d leaves %v", f.number, files)
		}
	}
}

// All figures are there in both formats, whole, of one proportion, and the texts beside them say what was printed.
func TestFiles(t *testing.T) {
	if testing.Short() {
		t.Skip("minutes without assembly")
	}
	folder, text := drawn(t, "-model", saved(t, spdiff.Plain, group.D4, digits.Side))
	checkMeasured(t, text)
	files, err := os.ReadDir(folder)
	if err != nil || len(files) != 3*len(figures) {
		t.Fatalf("%v, %v", files, err)
	}
	for _, f := range figures {
		base := filepath.Join(folder, f.file())
		pic, err := os.Open(base + ".png")
		if err != nil {
			t.Fatal(err)
		}
		c, err := png.Decode(pic)
		pic.Close()
		if err != nil || c.Bounds().Dx() < 800 {
			t.Errorf("%s.png: %v", base, err)
		}
		checkXML(t, string(read(t, base+".svg")), f)
		title, lines, _ := strings.Cut(string(read(t, base+".txt")), "\n")
		if title != fmt.Sprintf("Figure %d. %s", f.number, f.title) || len(lines) < 20 || !strings.Contains(text, strings.ReplaceAll(lines, "\n  ", "\n         ")) {
			t.Errorf("%s.txt says %q and %q, which was not printed", base, title, lines)
		}
	}
}

// A figure that is drawn into a folder with others leaves theirs as they are.
func TestBesideOthers(t *testing.T) {
	folder, _ := drawn(t, "-only", "3")
	before := read(t, filepath.Join(folder, figures[2].file()+".txt"))
	clitest.Captured(t, func() {
		if err := do(append([]string{"-out", folder, "-only", "4"}, quick...)...); err != nil {
			t.Error(err)
		}
	})
	if after := read(t, filepath.Join(folder, figures[2].file()+".txt")); string(after) != string(before) || !strings.Contains(string(after), figures[2].title) {
		t.Errorf("of figure 3 it says %q, which was %q", after, before)
	}
	files, err := os.ReadDir(folder)
	if err != nil || len(files) != 6 {
		t.Errorf("the folder has %v (%v)", files, err)
	}
}

// checkXML reads all of an SVG file, and looks for its title.
func checkXML(t *testing.T, text string, f figure) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(text))
	for {
		if _, err := d.Token(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatalf("figure %d: %v", f.number, err)
		}
	}
	if !strings.Contains(text, f.title) || !strings.Contains(text, "sans-serif") {
		t.Errorf("figure %d has no title, or no font", f.number)
	}
}

// A seed gives one set of bytes, whatever the number of threads, and another seed others. (Figures 1 and 3 stand for all.)
func TestSeeds(t *testing.T) {
	if testing.Short() {
		t.Skip("minutes without assembly")
	}
	m := saved(t, spdiff.Plain, group.D4, digits.Side)
	first, _ := drawn(t, "-model", m, "-only", "1,3")
	again, _ := drawn(t, "-model", m, "-threads", "1", "-only", "1,3")
	other, _ := drawn(t, "-model", m, "-seed", "2", "-only", "1,3")
	for _, f := range []figure{figures[0], figures[2]} {
		for _, format := range []string{".png", ".svg"} {
			name := f.file() + format
			a := string(read(t, filepath.Join(first, name)))
			if a != string(read(t, filepath.Join(again, name))) {
				t.Errorf("%s is not the same again", name)
			}
			if a == string(read(t, filepath.Join(other, name))) {
				t.Errorf("%s of another seed is the same", name)
			}
		}
	}
}

// What the figures are to show was measured: equality of bits where the paper proves it, and a difference where not.
func checkMeasured(t *testing.T, text string) {
	t.Helper()
	for line, exact := range map[string]string{
		"averaged network (method oc over D4":          "results from 8 orientations, turned back, are equal in all bits",
		"noise that turns with the image":              "noisy images of 8 orientations, turned back, are equal in all bits",
		"ordinary network (method plain over D4":       "results from 8 orientations, turned back, differ by up to",
		"Mirror at the diagonal: an invariant density": "at most by 0: equal bits",
		"Quarter turns: an invariant density":          "at most by 0: equal bits",
		"Mirror at the diagonal: not invariant":        "(relative)",
		"Quarter turns: not invariant":                 "(relative)",
		"(a) paths that cross":                         "symmetric distributions: 5 of 5; 20 crossings; a step T has |T(−x) + T(x)| up to 1.3",
		"(b) the reversed diffusion's flow":            "symmetric distributions: 5 of 5; 0 crossings; a step T has |T(−x) + T(x)| up to 0",
		"(c) with noise":                               "within 0;",
		"The drift of the VP-SDE":                      "p(−x) = p(x), equal bits, at all times",
		"A drift that pushes to x":                     "largest |p(−x) − p(x)| is 0.3",
	} {
		_, said, ok := strings.Cut(text, line)
		said, _, _ = strings.Cut(said, "\n")
		if !ok || !strings.Contains(said, exact) {
			t.Errorf("%s: %q; want %q", line, said, exact)
		}
	}
}

// saved trains a model for three steps and returns its file.
func saved(t *testing.T, method spdiff.Method, g group.Group, side int) string {
	t.Helper()
	c := spdiff.Config{
		Group: g, Method: method, Batch: 1, Steps: 3, Seed: 3,
		Network:   nn.UNetConfig{ImageHeight: side, ImageWidth: side, In: 1, Out: 1, Width: 8, Mult: []int{1}, Blocks: 1, Head: 8, Groups: 4, Kernel: 3},
		Optimiser: nn.OptimiserConfig{Rule: nn.RAdam(), Averages: []nn.Average{{}}}, Rate: nn.LearningRate{Rate: 1e-2},
	}
	images := tensor.New(1, side, side, 1)
	tensor.NewStream(5, 0).Uniform(images.Data(), 0)
	return clitest.Model(t, c, spdiff.Images(images, nil))
}

// A model of one's own is shown with what is not equivariant, or is, of the same weights; tied kernels, of which there is nothing
// like that, with an ordinary network. Over C4 there are four orientations.
func TestModels(t *testing.T) {
	for method, pair := range map[spdiff.Method][2]spdiff.Method{
		spdiff.WT: {spdiff.WT, spdiff.Plain}, spdiff.CF: {spdiff.CF, spdiff.Plain}, spdiff.Reg: {spdiff.RegOC, spdiff.Reg},
	} {
		_, text := drawn(t, "-only", "1", "-model", saved(t, method, group.C4, digits.Side))
		exact, ordinary := fmt.Sprintf("(method %v over C4", pair[0]), fmt.Sprintf("(method %v over C4", pair[1])
		for model, want := range map[string]string{exact: "from 4 orientations, turned back, are equal in all bits", ordinary: "differ by up to"} {
			_, said, ok := strings.Cut(text, model)
			if said, _, _ = strings.Cut(said, "\n"); !ok || !strings.Contains(said, want) {
				t.Errorf("%v: %s: %q", method, model, said)
			}
		}
		if strings.Contains(text, "eight orientations") {
			t.Errorf("%v: of four orientations it says\n%s", method, text)
		}
		if trains := strings.Contains(text, "training"); trains != (method == spdiff.WT) {
			t.Errorf("%v: that it trains is %v", method, trains)
		}
	}
}

// The noise that is shown is that of the model's own process, as strong beside the image whatever it is, and what Denoise begins with.
func TestNoise(t *testing.T) {
	img, err := digit(1)
	if err != nil {
		t.Fatal(err)
	}
	for _, schedule := range spdiff.Schedules() {
		p := schedule.Process()
		z, err := withNoise(group.C1, p, []*tensor.Tensor{img}, 1)
		if err != nil {
			t.Fatal(err)
		}
		alpha, _ := p.Marginal(begin(p))
		sum := 0.0
		for i, v := range z[0].Data() {
			d := float64(v)/alpha - float64(img.Data()[i])
			sum += d * d
		}
		if d := math.Sqrt(sum / float64(img.Len())); math.Abs(d-0.61) > 0.05 {
			t.Errorf("%v: the noise has a deviation of %.2f", schedule, d)
		}
	}
	o := &options{steps: 1, evaluations: 2, seed: 1}
	c := small(o)
	c.Network.Width, c.Network.Mult, c.Batch, c.Schedule, c.Predict = 8, []int{1}, 1, spdiff.EDM, spdiff.Preconditioned
	m, err := loaded(clitest.Model(t, c, spdiff.Limit(digits.New(0, 10), 3)))
	if err != nil {
		t.Fatal(err)
	}
	got, err := m.denoised(t.Context(), []*tensor.Tensor{img}, o)
	if err != nil {
		t.Fatal(err)
	}
	r := spdiff.Reversal{Steps: 2, Seed: 1}
	want, _, err := m.Denoise(t.Context(), img, spdiff.Denoising{Start: begin(m.Process()), Reversal: r})
	if err != nil || !slices.Equal(got[0].Data(), want.Data()) {
		t.Errorf("a model of EDM's process is denoised from elsewhere (%v)", err)
	}
}

func TestModelErrors(t *testing.T) {
	for path, want := range map[string]string{
		filepath.Join(t.TempDir(), "none"):  "no such file",
		saved(t, spdiff.Plain, group.C4, 8): "8×8×1",
	} {
		clitest.Captured(t, func() {
			if err := do("-only", "1", "-out", t.TempDir(), "-model", path); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) {
				t.Errorf("%v; want an error with %q and the file", err, want)
			}
		})
	}
}
