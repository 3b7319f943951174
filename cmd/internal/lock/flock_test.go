//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package lock

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// answers makes flock answer with errors, one after another, then as the system does.
func answers(t *testing.T, errs ...error) {
	old := flock
	t.Cleanup(func() { flock = old })
	flock = func(fd, how int) error {
		if len(errs) == 0 {
			return old(fd, how)
		}
		err := errs[0]
		errs = errs[1:]
		return err
	}
}

// A signal while it asks is no answer; a file system without locks is an error that says where to go instead.
func TestFlockAnswers(t *testing.T) {
	answers(t, syscall.EINTR, syscall.EINTR, syscall.EINTR)
	l, err := Take(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	l.Release()
	for _, no := range []error{syscall.ENOLCK, syscall.ENOSYS, syscall.ENOTSUP} {
		answers(t, no)
		if _, err := Take(t.TempDir()); !errors.Is(err, no) || !strings.Contains(err.Error(), "local disk") {
			t.Errorf("%v: %v", no, err)
		}
	}
}

// A link in the place of the file is not followed, whether it leads out or not, or to nothing.
func TestLinkIsNotFollowed(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "precious")
	os.WriteFile(outside, []byte("precious"), 0o600)
	for _, target := range []string{outside, "inside", "nowhere", filepath.Dir(outside) + "/new"} {
		folder := t.TempDir()
		os.WriteFile(filepath.Join(folder, "inside"), []byte("precious"), 0o600)
		if err := os.Symlink(target, filepath.Join(folder, Name)); err != nil {
			t.Fatal(err)
		}
		if _, err := Take(folder); err == nil || !strings.Contains(err.Error(), "remove it") {
			t.Errorf("%s: %v", target, err)
		}
		for _, path := range []string{outside, filepath.Join(folder, "inside")} {
			if got, _ := os.ReadFile(path); string(got) != "precious" {
				t.Errorf("%s: %s holds %q", target, path, got)
			}
		}
	}
	if _, err := os.Stat(filepath.Dir(outside) + "/new"); err == nil {
		t.Error("a file was made outside")
	}
}

// A folder that was removed, or made anew by another, is not the one that was locked.
func TestCheck(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "run")
	os.Mkdir(folder, 0o755)
	l, err := Take(folder)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Release()
	if err := l.Check(); err != nil {
		t.Error(err)
	}
	os.RemoveAll(folder)
	var lost *LostError
	if err := l.Check(); !errors.As(err, &lost) || !strings.Contains(err.Error(), "was removed while") {
		t.Errorf("removed: %v", err)
	}
	os.Mkdir(folder, 0o755)
	other, err := Take(folder)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Release()
	if err := l.Check(); !errors.As(err, &lost) || !strings.Contains(err.Error(), "made anew") {
		t.Errorf("made anew: %v", err)
	}
}
