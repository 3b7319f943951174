//go:build linux || darwin

package train

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"spdiff"
	"spdiff/cmd/internal/cli/clitest"
	"spdiff/cmd/internal/lock"
)

// A folder that cannot be written is an error that says what to do, and stays as it is. Nobody has no rights, not even root's.
func TestReadOnlyFolder(t *testing.T) {
	clitest.NeedsSIMD(t)
	t.Chdir(t.TempDir())
	if out := command(t, with(tiny, "-out", "a", "-steps", "10")...); out.Run() != nil {
		t.Fatal(out.out)
	}
	exposed(t)
	before := listing(t, "a")
	for _, args := range [][]string{{"-resume", "a", "-steps", "20"}, with(tiny, "-out", "a/b", "-steps", "10"), with(tiny, "-steps", "10")} {
		p := command(t, args...)
		asNobody(t, p.Cmd)
		err := p.Run()
		if err == nil || !strings.Contains(p.out.String(), "make it writable") {
			t.Errorf("%v: %v: %s", args, err, p.out)
		}
	}
	if after := listing(t, "a"); after != before {
		t.Errorf("the folder was\n%sand is\n%s", before, after)
	}
}

// A model of a state that goes into a folder which cannot be read, and so not be synced, is written; that is a warning, and the model of
// the next running mean is written too.
func TestExportUnsynced(t *testing.T) {
	clitest.NeedsSIMD(t)
	t.Chdir(t.TempDir())
	does(t, "", with(tiny, "-out", "a", "-steps", "10", "-average", "0.9,0.5")...)
	exposed(t)
	if err := os.Mkdir("out", 0o300); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Chmod("out", 0o700) })
	if os.Getuid() == 0 {
		os.Chown("out", nobody, nobody)
	}
	p := command(t, "-resume", "a", "-model", "out/m.safetensors")
	asNobody(t, p.Cmd)
	if err := p.Run(); err != nil || !strings.Contains(p.out.String(), "warning: ") {
		t.Errorf("%v: %s", err, p.out)
	}
	for _, name := range []string{"out/m.safetensors", "out/m-2.safetensors"} {
		if _, err := spdiff.Load(name); err != nil {
			t.Error(err)
		}
	}
}

// nobody is the number of the user without rights.
const nobody = 65534

// exposed lets everybody read the folder of the test, whose parents are its user's alone.
func exposed(t *testing.T) {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range []string{dir, filepath.Dir(dir)} {
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

// asNobody makes a command run without rights to write here: as another user if this one is root, to whom permissions mean
// nothing, else in folders that are made read-only.
func asNobody(t *testing.T, c *exec.Cmd) {
	t.Helper()
	if os.Getuid() != 0 {
		for _, d := range []string{"a", "a/samples", "."} {
			os.Chmod(d, 0o555)
			t.Cleanup(func() { os.Chmod(d, 0o755) })
		}
		os.Chmod(filepath.Join("a", lock.Name), 0o444)
		return
	}
	c.Path = copied(t, c.Path)
	c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
}

// copied returns a copy of this program that everybody can run.
func copied(t *testing.T, path string) string {
	t.Helper()
	const name = "train"
	if _, err := os.Stat(name); err == nil {
		return "./" + name
	}
	from, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	to, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	defer to.Close()
	if _, err := io.Copy(to, from); err != nil {
		t.Fatal(err)
	}
	return "./" + name
}
