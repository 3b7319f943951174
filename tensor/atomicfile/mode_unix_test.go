//go:build unix

package atomicfile

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A new file has the permissions that the umask leaves; one that is replaced keeps its own, whatever the umask.
func TestPermissions(t *testing.T) {
	old := syscall.Umask(0o027)
	defer syscall.Umask(old)
	path := filepath.Join(t.TempDir(), "x")
	for i, want := range []os.FileMode{0o640, 0o640, 0o606, 0o400} {
		if i > 1 {
			os.Chmod(path, want)
		}
		if err := Write(path, text("x")); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("writing %d: %v, %v; want %v", i, info.Mode(), err, want)
		}
	}
}

// That a folder may not be read, and so not be synced, is an error that says so; PutFile goes on, and on nothing else.
func TestPutFile(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "x")
	if err := PutFile(path, []byte("old")); err != nil {
		t.Fatal(err)
	}
	if err := PutFile(filepath.Join(folder, "nowhere", "x"), nil); err == nil {
		t.Error("a file was written into no folder")
	}
	if os.Getuid() == 0 {
		t.Skip("SKIPPED: to root every folder can be read, and so synced")
	}
	os.Chmod(folder, 0o300)
	defer os.Chmod(folder, 0o700)
	var unsynced *UnsyncedError
	if err := WriteFile(path, []byte("new")); !errors.As(err, &unsynced) {
		t.Errorf("in a folder that cannot be read: %v", err)
	}
	if err := PutFile(path, []byte("newer")); err != nil {
		t.Error(err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "newer" {
		t.Errorf("%q, %v", got, err)
	}
}

// A link is replaced, and what it points to keeps its content.
func TestLink(t *testing.T) {
	dir := t.TempDir()
	path, target := filepath.Join(dir, "x"), filepath.Join(dir, "precious")
	os.WriteFile(target, []byte("precious"), 0o600)
	if err := os.Symlink(target, path); err != nil {
		t.Fatal(err)
	}
	if err := Write(path, func(w io.Writer) error { _, err := io.WriteString(w, "new"); return err }); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(target); string(got) != "precious" {
		t.Errorf("what the link pointed to is %q", got)
	}
	if info, err := os.Lstat(path); err != nil || !info.Mode().IsRegular() {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

// A pipe is not replaced by a file: nor would be a device, as /dev/null.
func TestPipe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Skip(err)
	}
	if err := Write(path, text("x")); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("%v", err)
	}
	if info, _ := os.Lstat(path); info.Mode()&os.ModeNamedPipe == 0 {
		t.Errorf("it is %v now", info.Mode())
	}
}
