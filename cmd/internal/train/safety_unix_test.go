//go:build linux || darwin

package train

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"spdiff/cmd/internal/cli/clitest"
	"spdiff/cmd/internal/lock"
	"spdiff/tensor/atomicfile"
)

// A foreign folder whose lock, samples or files are links changes nothing outside it, and the message says which.
func TestLinksAreNotFollowed(t *testing.T) {
	clitest.NeedsSIMD(t)
	t.Chdir(t.TempDir())
	pictures(t, "pictures", 3, 1)
	does(t, "", with(tiny, "-data", "pictures", "-out", "base", "-steps", "10")...)
	for _, name := range []string{"lock", samplesDir, modelsDir, logFile, csvFile, plotFile, modelFile, configFile, runFile, "state-000000010.safetensors", "events.out.tfevents.1.spdiff", measuredFile, bestFile} {
		os.RemoveAll("a")
		os.RemoveAll("outside")
		os.CopyFS("a", os.DirFS("base"))
		target := "outside/" + name
		os.Mkdir("outside", 0o755)
		if info, err := os.Stat("a/" + name); err == nil && info.IsDir() || name == modelsDir {
			os.Mkdir(target, 0o755)
			target += "/x"
			os.WriteFile("outside/"+name+"/.step-000010.png.5.aside", []byte("precious"), 0o644)
		}
		os.WriteFile(target, []byte("precious"), 0o644)
		os.RemoveAll("a/" + name)
		if err := os.Symlink("../outside/"+name, "a/"+name); err != nil {
			t.Fatal(err)
		}
		before := listing(t, "outside")
		does(t, "a link", with(quick, "-resume", "a", "-steps", "20", "-keep", "1")...)
		if listing(t, "outside") != before {
			t.Errorf("%s: outside is\n%s", name, listing(t, "outside"))
		}
	}
}

// A newest state that is a folder, or a link to nothing, is passed over as one that is damaged.
func TestUnreadableState(t *testing.T) {
	clitest.NeedsSIMD(t)
	t.Chdir(t.TempDir())
	pictures(t, "pictures", 3, 1)
	does(t, "", with(tiny, "-data", "pictures", "-out", "base", "-steps", "10")...)
	for name, instead := range map[string]func(path string) error{
		"a folder": func(path string) error { return os.Mkdir(path, 0o755) },
		"a link":   func(path string) error { return os.Symlink("nowhere", path) },
	} {
		for _, more := range [][]string{nil, {"-new-data"}} {
			os.RemoveAll("a")
			os.CopyFS("a", os.DirFS("base"))
			path := filepath.Join("a", "state-000000010.safetensors")
			if err := errors.Join(os.Remove(path), instead(path)); err != nil {
				t.Fatal(err)
			}
			does(t, "", with(with(quick, "-resume", "a", "-steps", "10"), more...)...)
			if _, err := os.Lstat(path + ".damaged"); err != nil || !bytes.Equal(weights(t, "a"), weights(t, "base")) {
				t.Errorf("%s, %v: another model, or it is not set aside: %v", name, more, err)
			}
		}
	}
}

// What others are writing into a run's folder is not swept out of it; what a run that was killed left is.
func TestSweepLeavesOthers(t *testing.T) {
	clitest.NeedsSIMD(t)
	t.Chdir(t.TempDir())
	pictures(t, "pictures", 3, 1)
	does(t, "", with(tiny, "-data", "pictures", "-out", "a", "-steps", "10")...)
	err := atomicfile.Write("a/grid.png", func(w io.Writer) error { // as cmd/sample -out a/grid.png does
		os.WriteFile("a/.model.safetensors.77.aside", nil, 0o644)
		os.WriteFile("a/samples/.step-000010.png.78.aside", nil, 0o644)
		does(t, "", with(quick, "-resume", "a", "-steps", "20")...)
		_, err := io.WriteString(w, "grid")
		return err
	})
	if err != nil || text(t, "a/grid.png") != "grid" {
		t.Errorf("the other's file: %v", err)
	}
	for _, pattern := range []string{"a/.*.aside", "a/samples/.*.aside"} {
		if left, _ := filepath.Glob(pattern); left != nil {
			t.Errorf("%v are left", left)
		}
	}
	if files, _ := filepath.Glob("a/events*"); len(files) != 1 {
		t.Errorf("the event files of a run and its resumption are %v", files)
	}
}

// A run whose folder is removed, or begun anew by another, notices at its next save, writes nothing more and fails.
func TestFolderTaken(t *testing.T) {
	clitest.NeedsSIMD(t)
	t.Chdir(t.TempDir())
	pictures(t, "pictures", 3, 1)
	for _, anew := range []bool{false, true} {
		os.RemoveAll("a")
		first := start(t, with(tiny, "-data", "pictures", "-out", "a")...)
		until(t, "a save", func() bool { return newest(t, "a") >= 10 })
		if err := os.Rename("a", "old"); err != nil { // as if removed, but at once
			t.Fatal(err)
		}
		want := "was removed while"
		if anew {
			want = "it is another's now"
			os.Mkdir("a", 0o755)
			os.WriteFile("a/lock", nil, 0o644)
		}
		ended := make(chan error, 1)
		go func() { ended <- first.Wait() }()
		select {
		case <-ended:
		case <-time.After(5 * time.Minute):
			t.Fatal("it does not end")
		}
		if first.ProcessState.ExitCode() != 1 || !strings.Contains(first.out.String(), want) {
			t.Errorf("%v: %s; want %q", first.ProcessState, first.out, want)
		}
		if files, _ := filepath.Glob("a/state*"); files != nil {
			t.Errorf("the other's folder has %v", files)
		}
		os.RemoveAll("old")
	}
}

// A run whose folder another has begun anew writes nothing there until it notices at its next save: no model that is kept or the best, no
// line of what is measured, no configuration, no table.
func TestFolderTakenBetweenSaves(t *testing.T) {
	clitest.NeedsSIMD(t)
	inked(t)
	t.Chdir(t.TempDir())
	r := measuring(t, with(measurable, "-samples", "0", "-save", "60", "-keep", "1", "-minutes", "0.0002", "-fall", "0.9", "-out", "a")...)
	r.shows = 0
	if err := errors.Join(os.Rename("a", "old"), os.Mkdir("a", 0o755), os.WriteFile("a/lock", nil, 0o644)); err != nil {
		t.Fatal(err)
	}
	var lost *lock.LostError
	if err := r.train(t.Context()); !errors.As(err, &lost) {
		t.Errorf("it ends with %v", err)
	}
	if there, err := os.ReadDir("a"); err != nil || len(there) != 1 {
		t.Errorf("the other's folder has %v, %v", there, err)
	}
}

// A run that is asked to end saves, and ends with the code of the signal, although nobody reads what it says.
func TestSignals(t *testing.T) {
	clitest.NeedsSIMD(t)
	t.Chdir(t.TempDir())
	pictures(t, "pictures", 3, 1)
	for s, code := range map[syscall.Signal]int{syscall.SIGINT: 130, syscall.SIGTERM: 143, syscall.SIGHUP: 129} {
		if signal.Ignored(s) {
			t.Logf("SKIPPED: %v is ignored by the process that runs the tests, and so by the command", s)
			continue
		}
		os.RemoveAll("a")
		p := start(t, with(tiny, "-data", "pictures", "-out", "a", "-save", "60")...)
		until(t, "line", func() bool { b, _ := os.ReadFile("a/" + logFile); return len(b) > 0 })
		p.Process.Signal(s)
		p.Wait()
		if p.ProcessState.ExitCode() != code || newest(t, "a") < 10 || !strings.Contains(p.out.String(), "saved: step") {
			t.Errorf("%v: %v, a state of step %d: %s", s, p.ProcessState, newest(t, "a"), p.out)
		}
	}
	os.RemoveAll("a")
	p := command(t, with(tiny, "-data", "pictures", "-out", "a", "-save", "60")...)
	pipe := exec.Command("sh", "-c", `"$0" "$@" | head -n 1`)
	pipe.Args, pipe.Env = append(pipe.Args, p.Args...), p.Env
	out := &output{}
	pipe.Stderr, pipe.Stdout = out, out
	if err := pipe.Run(); err != nil || newest(t, "a") < 0 || !strings.Contains(out.String(), "broken pipe") {
		t.Errorf("the broken pipe: %v, a state of step %d: %s", err, newest(t, "a"), out)
	}
	if _, err := os.Stat("a/" + modelFile); err != nil {
		t.Error(err)
	}
}
