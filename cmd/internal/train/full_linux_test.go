package train

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"spdiff/cmd/internal/cli/clitest"
)

// disk mounts a small disk of its own, of so many bytes, at a new folder.
func disk(t *testing.T, bytes string) string {
	t.Helper()
	folder := t.TempDir()
	if err := syscall.Mount("tmpfs", folder, "tmpfs", 0, "size="+bytes); err != nil {
		t.Skipf("SKIPPED: no disk to fill: mount: %v (it takes root)", err)
	}
	t.Cleanup(func() { syscall.Unmount(folder, syscall.MNT_DETACH) })
	return folder
}

// fill takes all space that is left, and returns what gives it back.
func fill(t *testing.T, folder string) (free func()) {
	t.Helper()
	path := filepath.Join(folder, "filler")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for b := make([]byte, 4096); err == nil; {
		_, err = f.Write(b)
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	return func() { os.Remove(path) }
}

// A disk that fills up during a run ends nothing: the run says so, goes on, saves as soon as there is room, and its log has every
// line. A run that ends on a full disk fails, says what to do, and goes on later to the same bits.
func TestFullDisk(t *testing.T) {
	clitest.NeedsSIMD(t)
	folder := disk(t, "12m")
	t.Chdir(folder)
	p := start(t, with(tiny, "-out", "a")...)
	until(t, "second state", func() bool { return newest(t, "a") >= 20 })

	free := fill(t, folder)
	until(t, "message about saving", p.says("no space left on device; free some space; the state of step"))
	full := newest(t, "a")
	free()
	until(t, "state after the disk has room again", func() bool { return newest(t, "a") > full })

	free = fill(t, folder)
	until(t, "message about logging", func() bool { return strings.Count(p.out.String(), "not logged yet") > 0 })
	allWhole(t)
	p.Process.Signal(os.Interrupt)
	err := p.Wait()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 1 || !strings.Contains(p.out.String(), "is whole: go on with -resume a") {
		t.Errorf("the end on a full disk: %v: %s", err, p.out)
	}
	last := newest(t, "a")
	if p := command(t, with(quick, "-resume", "a", "-steps", itoa(last+20))...); p.Run() == nil || !strings.Contains(p.out.String(), "free some space") {
		t.Errorf("going on with a full disk: %s", p.out)
	}
	free()
	end := itoa(last + 20)
	if p := command(t, with(quick, "-resume", "a", "-steps", end)...); p.Run() != nil {
		t.Fatal(p.out)
	}
	other := t.TempDir()
	if p := command(t, with(tiny, "-out", filepath.Join(other, "b"), "-steps", end)...); p.Run() != nil {
		t.Fatal(p.out)
	}
	if state(t, "a") != state(t, filepath.Join(other, "b")) {
		t.Error("the run on the full disk has another state")
	}
	if a, b := steps(t, "a"), steps(t, filepath.Join(other, "b")); a != b {
		t.Errorf("the logs are\n%sand\n%s", a, b)
	}
}

// A run that finds no room to begin says so, and leaves nothing that would pass for a run.
func TestNoRoomToBegin(t *testing.T) {
	clitest.NeedsSIMD(t)
	folder := disk(t, "1m")
	t.Chdir(folder)
	p := command(t, with(tiny, "-out", "a", "-steps", "10")...)
	if err := p.Run(); err == nil || !strings.Contains(p.out.String(), "free some space") {
		t.Errorf("%v: %s", err, p.out)
	}
	if n := newest(t, "a"); n != -1 {
		t.Errorf("there is a state of step %d", n)
	}
	p = command(t, with(quick, "-resume", "a", "-steps", "10")...)
	if err := p.Run(); err == nil || !strings.Contains(p.out.String(), "begin it anew with -out a") {
		t.Errorf("%v: %s", err, p.out)
	}
	if err := syscall.Mount("", folder, "", syscall.MS_REMOUNT, "size=12m"); err != nil {
		t.Fatal(err)
	}
	if p := command(t, with(tiny, "-out", "a", "-steps", "10")...); p.Run() != nil {
		t.Error(p.out)
	}
}
