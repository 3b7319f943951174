package train

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"spdiff"
	"spdiff/cmd/internal/cli/clitest"
	"spdiff/cmd/internal/grid"
)

// classFolders makes a folder of classes, with two grey pictures of 8×8 pixels in each.
func classFolders(t *testing.T, classes ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, class := range classes {
		if err := os.Mkdir(filepath.Join(dir, class), 0o755); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"a.png", "b.png"} {
			if err := grid.WriteSingle(filepath.Join(dir, class, name), make([]float32, 64), 8, 8, 1); err != nil {
				t.Fatal(err)
			}
		}
	}
	return dir
}

// -check reads everything: what is damaged is named, with the -data that leaves it out, and that one passes.
func TestCheck(t *testing.T) {
	data := classFolders(t, "cat", "dog")
	check := func(data string) (string, error) {
		var err error
		out := clitest.Captured(t, func() { err = Run(context.Background(), []string{"-data", data, "-check"}) })
		return out, err
	}
	if out, err := check(data); err != nil || !strings.Contains(out, "all of them can be read") {
		t.Errorf("whole pictures: %v\n%s", err, out)
	}
	if out, err := check("cells"); err != nil || strings.Contains(out, "reading") || !strings.Contains(out, "generated; none can be damaged") {
		t.Errorf("generated images: %v\n%s", err, out)
	}
	path := filepath.Join(data, "dog", "b.png")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	os.WriteFile(path, whole[:len(whole)-20], 0o644)
	out, err := check(data)
	if err == nil || !strings.Contains(out, `damaged:    "dog/b.png": PNG: `) || !strings.Contains(err.Error(), "without=") {
		t.Fatalf("a damaged picture: %v\n%s", err, out)
	}
	if err := Run(context.Background(), []string{"-data", data, "-width", "32", "-mult", "1", "-attention", "1", "-out", filepath.Join(t.TempDir(), "r")}); err == nil || !strings.Contains(err.Error(), "to go on without it:\n    -data ") {
		t.Errorf("a run on a damaged picture: %v", err)
	}
	_, advice, _ := strings.Cut(err.Error(), "-data '")
	advice, _, _ = strings.Cut(advice, "'")
	if _, err := check(advice); err != nil {
		t.Errorf("-data %s: %v", advice, err)
	}
}

// Every file that is damaged is listed with its reason, however many they are: of its header, or of its pixels.
func TestCheckListsAll(t *testing.T) {
	data := t.TempDir()
	path := filepath.Join(data, "whole.png")
	if err := grid.WriteSingle(path, make([]float32, 64), 8, 8, 1); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for said, content := range map[string][]byte{"12 files in all cannot be read": nil, "12 are damaged": whole[:len(whole)-20]} {
		for i := range 12 {
			os.WriteFile(filepath.Join(data, itoa(i)+".png"), content, 0o644)
		}
		out := clitest.Captured(t, func() { does(t, said, "-data", data, "-check") })
		for i := range 12 {
			if !strings.Contains(out, fmt.Sprintf("damaged:    %q: ", itoa(i)+".png")) {
				t.Errorf("%s, without %d.png:\n%s", said, i, out)
			}
		}
	}
}

// What reads all images does nothing else, and reads no fewer.
func TestCheckAlone(t *testing.T) {
	clitest.BadFlags(t, Run, map[string]string{"-check -n": "one of them", "-check -limit 5": "leave -limit out"})
}

// What a GAN would learn from is checked too.
func TestCheckForGAN(t *testing.T) {
	does(t, "", "-gan", "spgan", "-data", classFolders(t, "cat", "dog"), "-check")
}

// The images of a run are checked where run.json says that they are, or where the call says.
func TestCheckMoved(t *testing.T) {
	data, folder := classFolders(t, "cat", "dog"), t.TempDir()
	spec := runSpec{Data: filepath.Join(folder, "nowhere")}
	if err := spec.write(folder); err != nil {
		t.Fatal(err)
	}
	does(t, "nowhere", "-resume", folder, "-check")
	does(t, "", "-resume", folder, "-data", data, "-check")
}

// The grids of a run are guided where its class is withheld, and asking for it elsewhere is told at once.
func TestGuidedGrids(t *testing.T) {
	clitest.NeedsSIMD(t)
	t.Chdir(t.TempDir())
	args := []string{"-data", classFolders(t, "cat", "dog"), "-width", "32", "-mult", "1", "-attention", "1", "-blocks", "1", "-batch", "2", "-steps", "12", "-samples", "2", "-classes", "2", "-average", "0", "-lr", "0.02"}
	if err := Run(context.Background(), append(args, "-guidance", "1", "-out", "r")); err == nil || !strings.Contains(err.Error(), "-drop-class") {
		t.Errorf("a model that knows no other way: %v", err)
	}
	var grids [2][]byte
	for i, g := range []string{"0", "900"} {
		if err := Run(context.Background(), append(args, "-drop-class", "0.5", "-guidance", g, "-out", g)); err != nil {
			t.Fatal(err)
		}
		grids[i], _ = os.ReadFile(filepath.Join(g, samplesDir, "step-000012.png"))
	}
	if len(grids[0]) == 0 || bytes.Equal(grids[0], grids[1]) {
		t.Error("the grids are not there, or the same")
	}
}

// Classes that do not fit are told at once, with the number that does; the names of classes are kept in the run.
func TestClassesOfPictures(t *testing.T) {
	clitest.NeedsSIMD(t)
	data := classFolders(t, "cat", "dog")
	args := []string{"-data", data, "-width", "32", "-mult", "1", "-attention", "", "-blocks", "1", "-batch", "2", "-steps", "1", "-samples", "0"}
	err := Run(context.Background(), append(args, "-classes", "1", "-out", filepath.Join(t.TempDir(), "r")))
	if err == nil || !strings.Contains(err.Error(), "-classes 2 fits") {
		t.Errorf("one class: %v", err)
	}
	cells := filepath.Join(t.TempDir(), "cells")
	does(t, "-classes 3 fits", "-data", "cells", "-preset", "digits-s", "-classes", "2", "-out", cells)
	if _, err := os.Stat(cells); err == nil {
		t.Error("the folder of a run that cannot begin is there")
	}
	out := filepath.Join(t.TempDir(), "r")
	if err := Run(context.Background(), append(args, "-classes", "2", "-out", out)); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(out, configFile))
	if err != nil {
		t.Fatal(err)
	}
	var c spdiff.Config
	if err := json.Unmarshal(text, &c); err != nil || strings.Join(c.ClassNames, " ") != "cat dog" {
		t.Errorf("the classes are %q (%v)", c.ClassNames, err)
	}
	m, err := spdiff.Load(filepath.Join(out, modelFile))
	if err != nil || strings.Join(m.Config().ClassNames, " ") != "cat dog" {
		t.Errorf("the model: %v", err)
	}
}

// The names of classes are kept of diffusions and of GANs; a class that no folder is of has none, and takes none from the others.
func TestClassNames(t *testing.T) {
	data := classFolders(t, "cat", "dog")
	for _, kind := range [][]string{tiny, {"-gan", "spgan", "-preset", "gan-digits", "-batch", "2"}} {
		for classes, want := range map[string]string{"2": `["cat" "dog"]`, "3": `["cat" "dog" ""]`} {
			o, err := parse(with(kind, "-data", data, "-classes", classes))
			if err != nil {
				t.Fatal(err)
			}
			r := newRun(o)
			if err := r.prepare(t.Context(), o); err != nil {
				t.Fatal(err)
			}
			var c struct {
				ClassNames []string `json:"class_names"`
			}
			if err := json.Unmarshal(r.trainer.settings(), &c); err != nil || fmt.Sprintf("%q", c.ClassNames) != want {
				t.Errorf("%v: of %s classes the names are %q (%v), want %s", kind, classes, c.ClassNames, err, want)
			}
			r.close()
		}
	}
}
