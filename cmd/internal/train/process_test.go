package train

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"spdiff"
	"spdiff/cmd/internal/cli"
	"spdiff/cmd/internal/cli/clitest"
	"spdiff/cmd/internal/lock"
	"spdiff/tensor/safetensors"
)

// TestMain is also the command itself: the tests that need a real process run this program again.
func TestMain(m *testing.M) {
	if os.Getenv("TRAIN_TEST_COMMAND") != "" {
		cli.Main("train", Run)
		return
	}
	os.Exit(m.Run())
}

// A process is the command at work.
type process struct {
	*exec.Cmd
	out *output
}

// An output collects what a process prints.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// command returns the command, not yet started. It is killed when the test is over.
func command(t *testing.T, args ...string) *process {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{exec.Command(exe, args...), &output{}}
	p.Env = append(os.Environ(), "TRAIN_TEST_COMMAND=1")
	p.Stdout, p.Stderr = p.out, p.out
	t.Cleanup(func() {
		if p.Process != nil {
			p.Process.Kill()
			p.Wait()
		}
	})
	return p
}

func start(t *testing.T, args ...string) *process {
	t.Helper()
	p := command(t, args...)
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	return p
}

// until waits until the condition holds, for some minutes: the machine may have other work.
func until(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for end := time.Now().Add(5 * time.Minute); !condition(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("still no %s", what)
		}
	}
}

func (p *process) says(text string) func() bool {
	return func() bool { return strings.Contains(p.out.String(), text) }
}

// tiny are flags of a network whose step takes milliseconds, quick of a run that saves every ten steps and draws nothing.
var (
	quick = []string{"-save", "0", "-samples", "0"}
	tiny  = with(quick, "-method", "wt", "-kernel", "3", "-mult", "1", "-blocks", "1", "-batch", "1", "-attention", "")
)

func with(flags []string, more ...string) []string {
	return append(flags[:len(flags):len(flags)], more...)
}

// newest returns the steps of the newest state in a folder, −1 if there is none.
func newest(t *testing.T, folder string) int {
	t.Helper()
	paths, err := spdiff.Checkpoints(folder)
	if errors.Is(err, os.ErrNotExist) || err == nil && len(paths) == 0 {
		return -1
	}
	if err != nil {
		t.Fatal(err)
	}
	f, err := safetensors.ReadSealed(paths[0])
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(f.Metadata["steps"])
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// A second process in a folder is told which one works there, and changes nothing; when the first is killed the folder is free.
func TestSecondProcess(t *testing.T) {
	clitest.NeedsSIMD(t)
	t.Chdir(t.TempDir())
	first := start(t, with(tiny, "-out", "a")...)
	until(t, "first state", func() bool { return newest(t, "a") >= 10 })
	second := command(t, "-resume", "a", "-steps", "100")
	err := second.Run()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 1 || !strings.Contains(second.out.String(), "wait until it has ended") {
		t.Fatalf("%v: %s", err, second.out)
	}
	if text, _ := os.ReadFile(filepath.Join("a", lock.Name)); !strings.Contains(second.out.String(), "process "+strings.Replace(strings.TrimSpace(string(text)), " ", " on ", 1)) {
		t.Errorf("the lock holds %q, the message is %s", text, second.out)
	}
	until(t, "next state", func() bool { return newest(t, "a") >= 30 })
	first.Process.Kill()
	first.Wait()
	steps := newest(t, "a") + 10
	third := command(t, with(quick, "-resume", "a", "-steps", itoa(steps))...)
	if err := third.Run(); err != nil || newest(t, "a") != steps {
		t.Errorf("after the first was killed: %v: %s", err, third.out)
	}
}

// listing returns names and contents of a folder.
func listing(t *testing.T, folder string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(folder, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			text, e := os.ReadFile(path)
			err = e
			b.WriteString(path + " " + sum(text) + "\n")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// A state that is damaged is said to be, and set aside; the run goes on from the one before to the same bits.
func TestDamagedState(t *testing.T) {
	clitest.NeedsSIMD(t)
	t.Chdir(t.TempDir())
	whole, broken := command(t, with(tiny, "-out", "a", "-steps", "30")...), command(t, with(tiny, "-out", "b", "-steps", "20")...)
	if whole.Run() != nil || broken.Run() != nil {
		t.Fatal(whole.out, broken.out)
	}
	state := filepath.Join("b", "state-000000020.safetensors")
	if err := os.Truncate(state, 100_000); err != nil {
		t.Fatal(err)
	}
	before := listing(t, "b")
	if p := command(t, "-n", "-resume", "b", "-steps", "30"); p.Run() != nil || listing(t, "b") != before {
		t.Errorf("-n: %s", p.out)
	}
	p := command(t, with(quick, "-resume", "b", "-steps", "30")...)
	if err := p.Run(); err != nil || !strings.Contains(p.out.String(), "damaged: "+state) || !strings.Contains(p.out.String(), "of step 10") {
		t.Errorf("%v: %s", err, p.out)
	}
	if _, err := os.Stat(state + ".damaged"); err != nil {
		t.Error(err)
	}
	if !bytes.Equal(weights(t, "a"), weights(t, "b")) {
		t.Error("the resumed run has another model")
	}
	if a, b := steps(t, "a"), steps(t, "b"); a != b {
		t.Errorf("the logs are\n%sand\n%s", a, b)
	}
}

// steps returns a log without the times.
func steps(t *testing.T, folder string) string {
	t.Helper()
	j := &journal{}
	if err := j.read(filepath.Join(folder, logFile), filepath.Join(folder, csvFile), 1<<30); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, e := range j.entries {
		e.Seconds = 0
		b.Write(e.line())
	}
	table, err := os.ReadFile(filepath.Join(folder, csvFile))
	if err != nil {
		t.Fatal(err)
	}
	if want := len(j.entries) + 1; strings.Count(string(table), "\n") != want {
		t.Errorf("%s has %d lines, want %d", csvFile, strings.Count(string(table), "\n"), want)
	}
	return b.String()
}
