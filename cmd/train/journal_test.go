package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"spdiff"
)

// logged returns a journal in this folder, opened after a step.
func logged(t *testing.T, step int) *journal {
	t.Helper()
	j, err := openJournal(logFile, csvFile, step)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.close() })
	return j
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
	if got, want := m.entry(7), (entry{Step: 13, Steps: 3, Loss: 2, Norm: 4, Rate: 3, Seconds: 7}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if m.n != 0 || m.loss != 0 {
		t.Errorf("%+v is left", m)
	}
}

// Going on from a step keeps the lines up to it, whatever a crash made of the rest; both files hold the same.
func TestJournalGoesOn(t *testing.T) {
	t.Chdir(t.TempDir())
	j := logged(t, 0)
	for n := 1; n <= 5; n++ {
		if err := j.add(entry{Step: 10 * n, Steps: 10, Loss: 1 / float64(n), Norm: 1, Rate: 0.5, Seconds: float64(n)}); err != nil {
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
		if err := j.add(entry{Step: 40, Steps: 10, Loss: 0.25, Norm: 1, Rate: 0.5, Seconds: 4}); err != nil {
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
