package lock

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestMain is also the other process: it takes the lock of a folder, says so, and waits for its end.
func TestMain(m *testing.M) {
	folder := os.Getenv("LOCK_TEST_FOLDER")
	if folder == "" {
		os.Exit(m.Run())
	}
	_, err := Take(folder)
	fmt.Println(err)
	os.Stdin.Read(make([]byte, 1))
}

// other starts another process that takes the lock of a folder, and returns it with what it says.
func other(t *testing.T, folder string) (*exec.Cmd, string) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(exe)
	c.Env = append(os.Environ(), "LOCK_TEST_FOLDER="+folder)
	if _, err := c.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Process.Kill(); c.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return c, strings.TrimSpace(line)
}

// Who comes second is told who holds the lock; when the holder is killed the lock is free, although its file is there.
func TestLockDiesWithItsProcess(t *testing.T) {
	folder := t.TempDir()
	holder, said := other(t, folder)
	if said != "<nil>" {
		t.Fatalf("the first process: %s", said)
	}
	var held *HeldError
	if _, err := Take(folder); !errors.As(err, &held) || held.Process != holder.Process.Pid || !strings.Contains(err.Error(), folder) {
		t.Fatalf("the second: %v; want the number %d", err, holder.Process.Pid)
	}
	holder.Process.Kill()
	holder.Wait()
	l, err := Take(folder)
	if err != nil {
		t.Fatalf("after the first was killed: %v", err)
	}
	if _, said := other(t, folder); !strings.Contains(said, fmt.Sprintf("process %d", os.Getpid())) {
		t.Errorf("the third: %s", said)
	}
	if err := l.Release(); err != nil {
		t.Fatal(err)
	}
	if _, said := other(t, folder); said != "<nil>" {
		t.Errorf("after the release: %s", said)
	}
}

// What stands in the file does not matter, and a folder that is not there is an error.
func TestOldFile(t *testing.T) {
	folder := t.TempDir()
	for _, text := range []string{"", "1\n", "no number", strings.Repeat("9", 100), "-5"} {
		os.WriteFile(filepath.Join(folder, Name), []byte(text), 0o644)
		l, err := Take(folder)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if _, err := Take(folder); !strings.Contains(err.Error(), fmt.Sprint(os.Getpid())) {
			t.Errorf("%q: %v", text, err)
		}
		os.WriteFile(filepath.Join(folder, Name), []byte(text), 0o644) // a holder that has not signed
		if _, err := Take(folder); !strings.Contains(err.Error(), "process") {
			t.Errorf("%q: %v", text, err)
		}
		l.Release()
	}
	if _, err := Take(filepath.Join(folder, "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no folder: %v", err)
	}
}

func ExampleTake() {
	folder, _ := os.MkdirTemp("", "")
	defer os.RemoveAll(folder)
	l, err := Take(folder)
	if err != nil {
		fmt.Println(err) // says which process works there
		return
	}
	defer l.Release()
	fmt.Println("this process alone works here")
	// Output: this process alone works here
}

// A file system that does not answer once has not given the folder to another.
func TestCheckThatFails(t *testing.T) {
	l, err := Take(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer l.Release()
	defer func(was func(string) (os.FileInfo, error)) { lstat = was }(lstat)
	lstat = func(string) (os.FileInfo, error) { return nil, syscall.EIO }
	var lost *LostError
	if err := l.Check(); !errors.Is(err, syscall.EIO) || errors.As(err, &lost) {
		t.Errorf("%v", err)
	}
	lstat = os.Lstat
	if err := l.Check(); err != nil {
		t.Error(err)
	}
}

// Windows has no kill.
func TestEnding(t *testing.T) {
	for system, want := range map[string]string{"linux": "kill 7", "windows": "taskkill /F /PID 7"} {
		if got := ending(system, 7); got != want {
			t.Errorf("%s: %s", system, got)
		}
	}
}
