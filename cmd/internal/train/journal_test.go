package train

import (
	"fmt"
	"math"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"spdiff"
)

// logged returns a journal in this folder, opened after a step.
func logged(t *testing.T, step int) *journal {
	t.Helper()
	j, err := openJournal(logFile, csvFile, step, func() error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.close() })
	return j
}

// scalars returns those of a step without a penalty.
func scalars(loss, norm, rate float64) []spdiff.Scalar {
	return spdiff.Step{Loss: loss, Norm: norm, Rate: rate}.Scalars()
}

func text(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// A mean says how many steps it stands for, and begins anew.
func TestMean(t *testing.T) {
	var m mean
	for n := 1; n <= 3; n++ {
		m.add(spdiff.Step{Number: 10 + n, Loss: float64(n), Norm: 2 * float64(n), Rate: float64(n)})
	}
	if got, want := m.entry(7), (entry{13, 3, scalars(2, 4, 3), 7}); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if m.n != 0 || m.sums != nil {
		t.Errorf("%+v is left", m)
	}
}

// Going on from a step keeps the lines up to it, whatever a crash made of the rest; both files hold the same.
func TestJournalGoesOn(t *testing.T) {
	t.Chdir(t.TempDir())
	j := logged(t, 0)
	for n := 1; n <= 5; n++ {
		if err := j.add(entry{10 * n, 10, scalars(1/float64(n), 1, 0.5), float64(n)}); err != nil {
			t.Fatal(err)
		}
	}
	whole := text(t, logFile)
	lines := slices.Collect(strings.Lines(whole))
	for name, damaged := range map[string]string{
		"whole":      whole,
		"cut":        strings.Join(lines[:4], "") + lines[4][:20],
		"zeros":      strings.Join(lines[:3], "") + strings.Repeat("\x00", 1<<17),
		"a long one": strings.Join(lines[:3], "") + strings.Repeat("x", 1<<17) + "\n" + lines[4],
		"no end":     strings.TrimSuffix(strings.Join(lines[:3], ""), "\n"),
		"to step 30": strings.Join(lines[:3], ""),
	} {
		if err := os.WriteFile(logFile, []byte(damaged), 0o644); err != nil {
			t.Fatal(err)
		}
		j := logged(t, 30)
		if got, want := text(t, logFile), strings.Join(lines[:3], ""); got != want {
			t.Errorf("%s: the log is\n%swant\n%s", name, got, want)
		}
		if err := j.add(entry{40, 10, scalars(0.25, 1, 0.5), 4}); err != nil {
			t.Fatal(err)
		}
		if got, want := text(t, logFile), strings.Join(lines[:4], ""); got != want {
			t.Errorf("%s: the log is\n%swant\n%s", name, got, want)
		}
		want := "step,steps,loss,norm,rate,seconds\n10,10,1,1,0.5,1.000\n20,10,0.5,1,0.5,2.000\n30,10,0.3333333333333333,1,0.5,3.000\n40,10,0.25,1,0.5,4.000\n"
		if got := text(t, csvFile); got != want {
			t.Errorf("%s: the table is\n%swant\n%s", name, got, want)
		}
		if j.seconds() != 4 || j.speed(0) != 10 || j.speed(3.5) != 20 || j.speed(4) != 0 {
			t.Errorf("%s: %v seconds, %v and %v steps a second", name, j.seconds(), j.speed(0), j.speed(3.5))
		}
	}
}

// What a full disk did not take is written later, once, over what was half-written.
func TestTailCatchesUp(t *testing.T) {
	t.Chdir(t.TempDir())
	var l tail
	if err := l.open("x", []byte("begin\n")); err != nil {
		t.Fatal(err)
	}
	good := l.file
	broken, err := os.Open("x") // for reading alone
	if err != nil {
		t.Fatal(err)
	}
	defer broken.Close()
	l.file = broken
	for i := range 3 {
		if err := l.write([]byte(fmt.Sprintf("line %d\n", i))); err == nil {
			t.Fatal("no error")
		}
	}
	os.WriteFile("x", []byte("begin\nline 0\nli"), 0o644) // what there was room for
	l.file = good
	if err := l.sync(); err != nil {
		t.Fatal(err)
	}
	if err := l.write([]byte("end\n")); err != nil {
		t.Fatal(err)
	}
	if got := text(t, "x"); got != "begin\nline 0\nline 1\nline 2\nend\n" {
		t.Errorf("the file is %q", got)
	}
}

// What a training has beside its loss is in the log, the table and the progress, also where the log began without it; and a log of
// before reads back as it was written.
func TestJournalOfOtherScalars(t *testing.T) {
	t.Chdir(t.TempDir())
	const old = `{"step":10,"steps":10,"loss":0.5,"norm":1,"rate":0.002,"seconds":1.25}` + "\n"
	os.WriteFile(logFile, []byte(old), 0o644)
	j := logged(t, 10)
	if text(t, logFile) != old {
		t.Errorf("the old log is %q", text(t, logFile))
	}
	e := entry{20, 10, append(scalars(0.25, 1, 0.002), spdiff.Scalar{Name: "penalty", Value: 0.125}, spdiff.Scalar{Name: "worst", Value: math.Inf(1)}), 2.5}
	if err := j.add(e); err != nil {
		t.Fatal(err)
	}
	if got, want := text(t, logFile), old+`{"step":20,"steps":10,"loss":0.25,"norm":1,"rate":0.002,"penalty":0.125,"seconds":2.5}`+"\n"; got != want {
		t.Errorf("the log is\n%swant\n%s", got, want)
	}
	if got, want := text(t, csvFile), "step,steps,loss,norm,rate,penalty,worst,seconds\n10,10,0.5,1,0.002,,,1.250\n20,10,0.25,1,0.002,0.125,+Inf,2.500\n"; got != want {
		t.Errorf("the table is\n%swant\n%s", got, want)
	}
	if got := e.say(); !strings.HasPrefix(got, "loss 0.2500   penalty 0.1250") {
		t.Errorf("the progress says %q", got)
	}
}

// A log that is damaged, cut or gone takes its lines from the table, and says how many; a damaged one is kept as it was, and says how
// many lines were wrong. A table that is damaged is made anew of the log.
func TestDamagedLog(t *testing.T) {
	t.Chdir(t.TempDir())
	j := logged(t, 0)
	for n := 1; n <= 5; n++ {
		if err := j.add(entry{10 * n, 10, scalars(1/float64(n), 1, 0.5), float64(n)}); err != nil {
			t.Fatal(err)
		}
	}
	log, table := text(t, logFile), text(t, csvFile)
	lines := slices.Collect(strings.Lines(log))
	for _, c := range []struct{ log, table, note string }{
		{log, table, ""},
		{lines[0] + "rubbish\n\x00{\n" + lines[2] + lines[3] + lines[4], table, "log.jsonl: 2 damaged lines are left out, 1 lines are taken from log.csv"},
		{"", table, "log.jsonl: 5 lines that it lacks are taken from log.csv"},
		{lines[0] + lines[1] + lines[2][:20], table, "log.jsonl: 3 lines that it lacks are taken from log.csv"},
		{lines[0] + lines[1], table, "log.jsonl: 3 lines that it lacks are taken from log.csv"},
		{strings.Repeat("?\n", 5), table, "5 damaged lines are left out, 5 lines are taken"},
		{log, "step,what\n1\nx\n", "log.csv: 2 damaged lines"},
		{log, strings.Replace(table, "\n20,", "\n26,", 1), ""}, // of steps that the log has
		{log + `{"step":60,"steps":10,"loss":1}` + "\n", table, "1 lines after step 50"},
	} {
		os.WriteFile(logFile, []byte(c.log), 0o644)
		os.WriteFile(csvFile, []byte(c.table), 0o644)
		os.Remove(logFile + ".damaged")
		j := logged(t, 50)
		if text(t, logFile) != log || text(t, csvFile) != table {
			t.Errorf("%q: the files are\n%sand\n%s", c.log, text(t, logFile), text(t, csvFile))
		}
		if got := strings.Join(j.notes, "\n"); !strings.Contains(got, c.note) || (c.note == "") != (got == "") {
			t.Errorf("%q: it says %q, want %q", c.log, got, c.note)
		}
		kept, err := os.ReadFile(logFile + ".damaged")
		if damaged := strings.Contains(c.note, "damaged lines are left out"); damaged != (err == nil) || damaged && string(kept) != c.log {
			t.Errorf("%q: what is kept of it as it was is %q (%v)", c.log, kept, err)
		}
	}
}

// A row of the table that was cut may lack digits of its last number: it is no line of a log that lacks it too.
func TestCutRow(t *testing.T) {
	t.Chdir(t.TempDir())
	j := logged(t, 0)
	for n := 1; n <= 2; n++ {
		if err := j.add(entry{10 * n, 10, scalars(1, 1, 0.5), 12.5}); err != nil {
			t.Fatal(err)
		}
	}
	log, table := text(t, logFile), text(t, csvFile)
	for cut, want := range []int{2, 1, 1, 1, 1} {
		os.WriteFile(logFile, []byte(log[:len(log)-20]), 0o644)
		os.WriteFile(csvFile, []byte(table[:len(table)-cut]), 0o644)
		if got := logged(t, 20).entries; len(got) != want || got[want-1].Seconds != 12.5 {
			t.Errorf("a table that lacks %d bytes: %+v", cut, got)
		}
	}
}

// The plot of a diffusion has its positive losses, on a logarithmic axis; a GAN's may be negative, and its has all that are numbers.
func TestLosses(t *testing.T) {
	var j journal
	for i, loss := range []float64{0.5, -2, 0, math.Inf(1), math.NaN(), 3} {
		j.entries = append(j.entries, entry{10 * (i + 1), 10, scalars(loss, 1, 0.5), 1})
	}
	for _, c := range []struct {
		args   []string
		label  string
		steps  []float64
		losses []float64
	}{
		{with(tiny, "-limit", "20"), "mean square error", []float64{10, 60}, []float64{0.5, 3}},
		{strings.Fields("-gan spgan -loss divergence -batch 2 -limit 20"), "divergence loss of the discriminator", []float64{10, 20, 30, 60}, []float64{0.5, -2, 0, 3}},
	} {
		o, err := parse(c.args)
		if err != nil {
			t.Fatal(err)
		}
		r := newRun(o)
		if err := r.prepare(t.Context(), o); err != nil {
			t.Fatal(err)
		}
		axis := r.trainer.about().loss
		steps, losses := j.losses(axis)
		if axis.Label != c.label || !slices.Equal(steps, c.steps) || !slices.Equal(losses, c.losses) {
			t.Errorf("%+v: %v at the steps %v", axis, losses, steps)
		}
		r.close()
	}
}
