package train

import (
	"errors"
	"math"
	"os"
	"strings"
	"testing"

	"spdiff"
	"spdiff/cmd/internal/cli/clitest"
	"spdiff/cmd/internal/digits"
)

// How far a run is, is what its newest state and its log say: lines of later steps are not of it.
func TestLook(t *testing.T) {
	clitest.NeedsSIMD(t)
	line := Progress{log: []entry{{Step: 10, Seconds: 0.085314919}, {Step: 20, Seconds: 0.202153183}}}
	if ten, twenty := line.Seconds(10), line.Seconds(20); ten != 0.085314919 || twenty != 0.202153183 {
		t.Errorf("logged seconds: %v, %v", ten, twenty)
	}
	t.Chdir(t.TempDir())
	if _, err := Look("a"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("of no folder: %v", err)
	}
	if err := Run(t.Context(), with(tiny, "-out", "a", "-steps", "20")); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile("a/"+logFile, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	f.WriteString(`{"step":30,"steps":10,"loss":1,"seconds":1e6}` + "\n")
	f.Close()
	p, err := Look("a")
	if err != nil || p.Steps != 20 || p.Batch != 1 {
		t.Fatalf("%+v, %v", p, err)
	}
	ten, twenty := p.Seconds(10), p.Seconds(20)
	if err := os.WriteFile("a/"+logFile, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if cut, err := Look("a"); err != nil || math.Abs(cut.Seconds(10)-ten) > 1e-3 || math.Abs(cut.Seconds(20)-twenty) > 1e-3 {
		t.Errorf("without log.jsonl: %v and %v seconds, with it %v and %v; %v", cut.Seconds(10), cut.Seconds(20), ten, twenty, err)
	}
	if !(0 < ten && ten < twenty && twenty < 600) || p.Seconds(99) != twenty || math.Abs(p.Seconds(15)-(ten+twenty)/2) > 1e-9 || math.Abs(p.Seconds(5)-ten/2) > 1e-9 {
		t.Errorf("seconds of 5, 10, 15, 20, 99: %v, %v, %v, %v, %v", p.Seconds(5), ten, p.Seconds(15), twenty, p.Seconds(99))
	}
}

// A run that was stopped while its learning rate fell is to go on to the end of the fall, and one that is there no further.
func TestLookFalls(t *testing.T) {
	clitest.NeedsSIMD(t)
	t.Chdir(t.TempDir())
	pictures(t, "pictures", 5, 1)
	p := start(t, with(tiny, "-data", "pictures", "-out", "a", "-steps", "2000", "-fall", "0.9", "-warmup", "0")...)
	until(t, "state within the fall", func() bool { return newest(t, "a") > 200 })
	p.Process.Kill()
	p.Wait()
	if l, err := Look("a"); err != nil || l.Falls != 2000 {
		t.Errorf("%+v, %v", l, err)
	}
	does(t, "", with(tiny, "-data", "pictures", "-out", "b", "-steps", "20", "-fall", "0.5", "-warmup", "0")...)
	if l, err := Look("b"); err != nil || l.Falls != 20 {
		t.Errorf("at the end of the fall: %+v, %v", l, err)
	}
}

// A description is of the run that the arguments make, and nothing is written.
func TestDescribe(t *testing.T) {
	clitest.NeedsSIMD(t)
	t.Chdir(t.TempDir())
	d, err := Describe(t.Context(), with(tiny, "-method", "gc"))
	if err != nil || d.Batch != 1 || d.Step <= 0 || d.Warning != "" || d.StateBytes < 12*float64(d.Parameters) || !strings.Contains(d.Model, "gc over C4") {
		t.Fatalf("%+v, %v", d, err)
	}
	n := 0
	for _, err := range d.Generator.Samples(t.Context(), spdiff.Sampling{N: 2, Reversal: spdiff.Reversal{Steps: 1}}) {
		if n++; err != nil {
			t.Error(err)
		}
	}
	if d, err := Describe(t.Context(), tiny); err != nil || !strings.Contains(d.Warning, "commute with all of D4") {
		t.Errorf("of 3×3 taps tied over C4: %+v, %v", d, err)
	}
	if entries, _ := os.ReadDir("."); len(entries) > 0 || n != 2 {
		t.Errorf("%d samples, and it left %v", n, entries)
	}
}

// What could not begin on some images is an error, without a step: of their shape, and of their classes, those of a GAN too.
func TestCheckBeforehand(t *testing.T) {
	images := digits.New(1, 200)
	for args, good := range map[string]bool{
		"-method gc": true, "-classes 10": true, "-gan spgan": true, "-gan spgan -classes 10": true,
		"-width 33": false, "-gan x": false, "-nonsense": false, "-classes 9": false, "-gan spgan -classes 9": false,
	} {
		if err := Check(strings.Fields(args), images); (err == nil) != good {
			t.Errorf("%s: %v", args, err)
		}
	}
}
