package spdiff

import (
	"cmp"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"spdiff/group"
	"spdiff/tensor"
	"spdiff/tensor/atomicfile"
	"spdiff/tensor/safetensors"
)

// advance makes n steps.
func advance(t *testing.T, tr *Trainer, n int) {
	t.Helper()
	for range n {
		if _, err := tr.Step(); err != nil {
			t.Fatal(err)
		}
	}
}

// checkpoints makes a folder with the states of a training after the given numbers of steps.
func checkpoints(t *testing.T, steps ...int) string {
	t.Helper()
	folder := t.TempDir()
	tr, err := NewTrainer(tiny(group.C4, WT), blobs{10, 8})
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range steps {
		advance(t, tr, n-tr.Steps())
		if err := tr.Checkpoint(folder); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// oneStepOn goes on with the training in a folder for a step, which is not saved.
func oneStepOn(t *testing.T, folder string) *Trainer {
	t.Helper()
	tr, _, err := ResumeLast(folder, blobs{10, 8}, 9)
	if err != nil {
		t.Fatal(err)
	}
	advance(t, tr, 1)
	return tr
}

func fileNames(t *testing.T, folder string) string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return strings.Join(all, " ")
}

// The last two states are kept, and nothing else of the training; what else is in the folder is left alone.
func TestCheckpointsKeepTwo(t *testing.T) {
	folder := checkpoints(t, 0, 2, 3, 3, 5)
	if got := fileNames(t, folder); got != "state-000000003.safetensors state-000000005.safetensors" {
		t.Errorf("the folder holds %s", got)
	}
	strange := []string{"state-.safetensors", "state--1.safetensors", "state-x.safetensors", "state-99999999999999999999.safetensors", "model.safetensors"}
	for _, name := range strange {
		os.WriteFile(filepath.Join(folder, name), nil, 0o644)
	}
	tr, damaged, err := ResumeLast(folder, blobs{10, 8}, 9)
	if err != nil || damaged != nil {
		t.Fatal(damaged, err)
	}
	advance(t, tr, 1)
	if err := tr.Checkpoint(folder); err != nil {
		t.Fatal(err)
	}
	if got := fileNames(t, folder); strings.Contains(got, "state-000000003") || !strings.Contains(got, "state-000000005") || len(strings.Fields(got)) != 2+len(strange) {
		t.Errorf("the folder holds %s", got)
	}
}

// A training that goes on from a checkpoint has the bits of one that was never interrupted, with other numbers of workers, and
// from the one before where the newest is damaged, in whatever way.
func TestResumeLastIsExact(t *testing.T) {
	want := weights(train(t, tiny(group.C4, WT)))
	defer tensor.SetWorkers(0)
	for name, damage := range map[string]func(b []byte) []byte{
		"whole":      nil,
		"cut":        func(b []byte) []byte { return b[:len(b)/2] },
		"empty":      func(b []byte) []byte { return nil },
		"a flip":     func(b []byte) []byte { b[len(b)-5] ^= 4; return b },
		"zeros":      func(b []byte) []byte { clear(b[len(b)/2:]); return b },
		"more":       func(b []byte) []byte { return append(b, b...) },
		"all zeros":  func(b []byte) []byte { clear(b); return b },
		"a new page": func(b []byte) []byte { copy(b[4096:8192], b); return b },
	} {
		folder := checkpoints(t, 2, 4)
		newest := filepath.Join(folder, "state-000000004.safetensors")
		if damage != nil {
			b, err := os.ReadFile(newest)
			if err != nil {
				t.Fatal(err)
			}
			os.WriteFile(newest, damage(b), 0o644)
		}
		tensor.SetWorkers(3)
		tr, damaged, err := ResumeLast(folder, blobs{10, 8}, 6)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if damage == nil && (tr.Steps() != 4 || damaged != nil) {
			t.Errorf("%s: step %d, damaged %v", name, tr.Steps(), damaged)
		}
		if damage != nil && (tr.Steps() != 2 || len(damaged) != 1 || damaged[0].Path != newest || !strings.Contains(damaged[0].Error(), newest)) {
			t.Errorf("%s: step %d, damaged %v", name, tr.Steps(), damaged)
		}
		advance(t, tr, 6-tr.Steps())
		if !slices.Equal(weights(tr.Model()), want) {
			t.Errorf("%s: the resumed training has other weights", name)
		}
	}
}

// A newest state that cannot be read, whatever it is, is passed over as a damaged one is, to the same bits.
func TestResumeLastPassesOverUnreadable(t *testing.T) {
	want := weights(train(t, tiny(group.C4, WT)))
	for name, put := range map[string]func(path string) error{
		"a folder":         func(path string) error { return os.Mkdir(path, 0o755) },
		"a dangling link":  func(path string) error { return os.Symlink(path+".gone", path) },
		"a link to itself": func(path string) error { return os.Symlink(path, path) },
	} {
		folder := checkpoints(t, 2, 4)
		newest := filepath.Join(folder, "state-000000005.safetensors")
		if err := put(newest); err != nil {
			t.Fatal(err)
		}
		tr, damaged, err := ResumeLast(folder, blobs{10, 8}, 6)
		if err != nil || len(damaged) != 1 || damaged[0].Path != newest || strings.Count(damaged[0].Error(), newest) == 0 || tr.Steps() != 4 {
			t.Errorf("%s: damaged %v, %v", name, damaged, err)
			continue
		}
		advance(t, tr, 2)
		if !slices.Equal(weights(tr.Model()), want) {
			t.Errorf("%s: the resumed training has other weights", name)
		}
		var newer *NewerError
		tr, _, _ = ResumeLast(folder, blobs{10, 8}, 6)
		if err := tr.Checkpoint(folder); !errors.As(err, &newer) || newer.Path != newest {
			t.Errorf("%s: a checkpoint beside it: %v", name, err)
		}
	}
}

// Beside states of more steps nothing is saved and nothing removed: it would be taken for older than they are.
func TestCheckpointBesideNewer(t *testing.T) {
	folder := checkpoints(t, 3, 5)
	before := fileNames(t, folder)
	tr := trainer(t, tiny(group.C4, WT), blobs{10, 8})
	advance(t, tr, 1)
	err := tr.Checkpoint(folder)
	var newer *NewerError
	if !errors.As(err, &newer) || newer.Steps != 5 || newer.Have != 1 || !strings.Contains(err.Error(), "state-000000005.safetensors is of step 5") {
		t.Errorf("%v; want what is there", err)
	}
	if got := fileNames(t, folder); got != before {
		t.Errorf("the folder holds %s, before %s", got, before)
	}
	advance(t, tr, 4)
	if err := tr.Checkpoint(folder); err != nil {
		t.Errorf("at the same step: %v", err)
	}
}

// What a killed process was writing of a state goes with the next checkpoint; what belongs to others stays.
func TestCheckpointSweeps(t *testing.T) {
	folder := checkpoints(t, 1, 2)
	for _, name := range []string{".state-000000003.safetensors.123.aside", ".model.safetensors.1.aside", "x.aside"} {
		os.WriteFile(filepath.Join(folder, name), []byte("half"), 0o644)
	}
	tr := oneStepOn(t, folder)
	if err := tr.Checkpoint(folder); err != nil {
		t.Fatal(err)
	}
	if got := fileNames(t, folder); got != ".model.safetensors.1.aside state-000000002.safetensors state-000000003.safetensors x.aside" {
		t.Errorf("the folder holds %s", got)
	}
}

// What cannot be removed is a warning: the state is saved, and all else that is old is gone.
func TestCheckpointLeavesOver(t *testing.T) {
	folder := checkpoints(t, 2, 3)
	stuck := filepath.Join(folder, "state-000000001.safetensors")
	if err := os.MkdirAll(filepath.Join(stuck, "x"), 0o755); err != nil {
		t.Fatal(err)
	}
	tr := oneStepOn(t, folder)
	err := tr.Checkpoint(folder)
	var left *LeftoverError
	if !errors.As(err, &left) || left.Folder != folder || !strings.Contains(err.Error(), stuck) {
		t.Errorf("%v; want a *LeftoverError", err)
	}
	if got := fileNames(t, folder); got != "state-000000001.safetensors state-000000003.safetensors state-000000004.safetensors" {
		t.Errorf("the folder holds %s", got)
	}
	if back, damaged, err := ResumeLast(folder, blobs{10, 8}, 9); err != nil || damaged != nil || back.Steps() != 4 {
		t.Errorf("%v, %v", damaged, err)
	}
}

// A state whose name the disk has not confirmed is there, and all that is older stays until one is confirmed: a crash could undo the name.
func TestCheckpointUnsynced(t *testing.T) {
	folder := checkpoints(t, 1, 2)
	tr := oneStepOn(t, folder)
	err := checkpoint(folder, tr.Steps(), func(path string) error {
		return cmp.Or(tr.Save(path), error(&atomicfile.UnsyncedError{Cause: os.ErrPermission}))
	})
	var unsynced *atomicfile.UnsyncedError
	if !errors.As(err, &unsynced) {
		t.Errorf("%v; want an *UnsyncedError", err)
	}
	if got := fileNames(t, folder); got != "state-000000001.safetensors state-000000002.safetensors state-000000003.safetensors" {
		t.Errorf("the folder holds %s", got)
	}
	advance(t, tr, 1)
	if err := tr.Checkpoint(folder); err != nil {
		t.Fatal(err)
	}
	if got := fileNames(t, folder); got != "state-000000003.safetensors state-000000004.safetensors" {
		t.Errorf("the folder holds %s", got)
	}
}

// On other images a training goes on from the newest state that is whole, and says which are not; so does a GAN's.
func TestResumeLastOn(t *testing.T) {
	folder := checkpoints(t, 2, 4)
	newest := filepath.Join(folder, "state-000000004.safetensors")
	os.Truncate(newest, 100)
	tr, damaged, err := ResumeLastOn(folder, blobs{9, 8}, 9)
	if err != nil || tr.Steps() != 2 || len(damaged) != 1 || damaged[0].Path != newest {
		t.Fatal(damaged, err)
	}
	advance(t, tr, 1)
	gan, err := NewGANTrainer(tinyGAN(group.C4, SPGAN), dots(20))
	if err != nil {
		t.Fatal(err)
	}
	folder = t.TempDir()
	if err := gan.Checkpoint(folder); err != nil {
		t.Fatal(err)
	}
	if again, _, err := ResumeLastGANOn(folder, dots(19), 9); err != nil || again.Steps() != 0 {
		t.Error(err)
	}
	var source *SourceError
	if _, _, err := ResumeLastGANOn(folder, nil, 9); !errors.As(err, &source) {
		t.Errorf("no images: %v", err)
	}
}

// Where nothing is whole, or the source is another, nothing is loaded, and the error says why.
func TestResumeLastRefuses(t *testing.T) {
	folder := checkpoints(t, 1, 2)
	var source *SourceError
	if _, damaged, err := ResumeLast(folder, blobs{11, 8}, 9); !errors.As(err, &source) || damaged != nil || !strings.Contains(err.Error(), "10 images and there are 11") {
		t.Errorf("another source: %v, %v", damaged, err)
	}
	paths, err := Checkpoints(folder)
	if err != nil || len(paths) != 2 {
		t.Fatal(paths, err)
	}
	for _, path := range paths {
		os.Truncate(path, 100)
	}
	var seal *safetensors.SealError
	if tr, damaged, err := ResumeLast(folder, blobs{10, 8}, 9); tr != nil || len(damaged) != 2 || !errors.As(err, &seal) {
		t.Errorf("two damaged: %v, %v", damaged, err)
	}
	if _, _, err := ResumeLast(t.TempDir(), blobs{10, 8}, 9); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("an empty folder: %v", err)
	}
	if _, _, err := ResumeLast(filepath.Join(folder, "none"), blobs{10, 8}, 9); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no folder: %v", err)
	}
}

// A checkpoint that cannot be written leaves those that there are.
func TestFailedCheckpointKeepsTheOld(t *testing.T) {
	folder := checkpoints(t, 1, 2)
	tr := oneStepOn(t, folder)
	before := fileNames(t, folder)
	block := filepath.Join(folder, "state-000000003.safetensors", "x")
	os.MkdirAll(block, 0o755)
	if err := tr.Checkpoint(folder); err == nil || !strings.Contains(err.Error(), folder) {
		t.Errorf("no error, or one without the folder: %v", err)
	}
	os.RemoveAll(filepath.Dir(block))
	if got := fileNames(t, folder); got != before {
		t.Errorf("the folder holds %s, before %s", got, before)
	}
	if again, damaged, err := ResumeLast(folder, blobs{10, 8}, 9); err != nil || damaged != nil || again.Steps() != 2 {
		t.Errorf("after the failure: %v, %v", damaged, err)
	}
}
