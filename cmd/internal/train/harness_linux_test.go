package train

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

var harness = flag.Duration("harness", 0, "how long TestHarness tries a run's files; 0: it is skipped")

// calls are the system calls of a run that touch its files, with errors that they can have.
var calls = map[string][]string{
	"openat": {"EIO", "EMFILE", "ENOSPC"}, "write": {"EIO", "ENOSPC"}, "pwrite64": {"EIO", "ENOSPC", "EDQUOT"}, "fsync": {"EIO", "ENOSPC"}, "renameat": {"EIO", "EACCES"},
	"unlinkat": {"EIO", "EACCES"}, "ftruncate": {"EIO"}, "flock": {"EINTR", "ENOLCK", "ENOSYS"}, "mkdirat": {"ENOSPC"}, "getdents64": {"EIO"}, "newfstatat": {"EIO"}, "fstat": {"EIO"}, "close": {"EIO"}, "fchmod": {"EPERM"},
}

// A trial is a run's folder at step 10, of which each trial has a copy, and what it must be at step 20.
type trial struct {
	*testing.T
	state, steps string
	hits, runs   map[string]int
	end          time.Time
}

// Killed at each system call of a resumption and a save, or with one of them failing, or with bytes of its files changed, a run
// goes on to the bits of one that nothing happened to, or says in a line what is wrong; and it never takes what is damaged.
func TestHarness(t *testing.T) {
	if *harness == 0 {
		t.Skip("SKIPPED: go test ./cmd/internal/train -run Harness -harness 10m -timeout 0")
	}
	if exec.Command("strace", "-o", os.DevNull, "true").Run() != nil {
		t.Skip("SKIPPED: there is no strace that works")
	}
	t.Chdir(t.TempDir())
	pictures(t, "pictures", 5, 1)
	for name, steps := range map[string]string{"base": "10", "want": "20"} {
		if p := command(t, with(tiny, "-data", "pictures", "-out", name, "-steps", steps)...); p.Run() != nil {
			t.Fatal(p.out)
		}
	}
	tr := &trial{t, state(t, "want"), steps(t, "want"), map[string]int{}, map[string]int{}, time.Now()}
	tr.end = tr.end.Add(*harness / 2)
	whole := tr.each("kill", func(string) []string { return []string{"signal=KILL"} })
	tr.end = tr.end.Add(*harness / 4)
	whole = tr.each("error", func(call string) []string {
		var all []string
		for _, e := range calls[call] {
			all = append(all, "error="+e)
		}
		return all
	}) && whole
	tr.end = tr.end.Add(*harness / 4)
	tr.corruptions()
	t.Logf("every call was tried: %v; what happened, and how often: %v of the trials %v", whole, tr.hits, tr.runs)
}

// each injects what there is at the first, the second, … of each call, until one is not reached, and reports whether there was
// time for all.
func (t *trial) each(kind string, injections func(call string) []string) bool {
	for call := range calls {
		for _, inject := range injections(call) {
			for n := 1; n <= 100; n++ {
				if time.Now().After(t.end) {
					return false
				}
				if !t.inject(kind, call, inject, n) {
					break
				}
			}
		}
	}
	return true
}

// inject makes one call fail, or the last, and reports whether the run made it.
func (t *trial) inject(kind, call, inject string, n int) bool {
	t.Helper()
	t.copy()
	what := fmt.Sprintf("inject=%s:%s:when=%d", call, inject, n)
	p := command(t.T, with(quick, "-resume", "a", "-steps", "20", "-threads", "1")...)
	p.Args = append([]string{"strace", "-f", "-o", "trace", "-e", "trace=" + call, "-e", what}, p.Args...)
	p.Path, _ = exec.LookPath("strace")
	err := p.Run()
	trace, _ := os.ReadFile("trace")
	hit := strings.Contains(string(trace), "INJECTED") || strings.Contains(string(trace), "killed by SIGKILL")
	t.runs[kind]++
	if hit {
		t.hits[kind]++
	}
	t.ended(what, err, p)
	t.goesOn(what)
	return hit
}

// ended fails unless a run ended well, was killed, or said in a few lines why not.
func (t *trial) ended(what string, err error, p *process) {
	t.Helper()
	var exit *exec.ExitError
	if err == nil || errors.As(err, &exit) && (exit.ExitCode() == 1 || exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL || exit.ExitCode() == 137) {
		if !strings.Contains(p.out.String(), "mistake of this program") && !strings.Contains(p.out.String(), "goroutine ") {
			return
		}
	}
	t.Errorf("%s: %v: %s", what, err, p.out)
}

// goesOn fails unless the run goes on to the bits of step 20.
func (t *trial) goesOn(what string) {
	t.Helper()
	if p := command(t.T, with(quick, "-resume", "a", "-steps", "20")...); p.Run() != nil {
		t.Errorf("%s: then: %s", what, p.out)
		return
	}
	if got := state(t.T, "a"); got != t.state {
		t.Errorf("%s: the state is another", what)
	}
	if got := steps(t.T, "a"); got != t.steps && !strings.Contains(what, "log.") { // a digit of the log may be another, unseen
		t.Errorf("%s: the log is\n%swant\n%s", what, got, t.steps)
	}
	if left, _ := filepath.Glob("a/.*.aside"); left != nil {
		t.Errorf("%s: %v are left", what, left)
	}
}

func (t *trial) copy() {
	t.Helper()
	os.RemoveAll("a")
	if err := os.CopyFS("a", os.DirFS("base")); err != nil {
		t.Fatal(err)
	}
}

// corruptions changes bytes of files for as long as there is time.
func (t *trial) corruptions() {
	r := rand.New(rand.NewPCG(3, 4))
	for time.Now().Before(t.end) && !t.Failed() {
		t.copy()
		files, _ := filepath.Glob("a/*.*")
		path := files[r.IntN(len(files))]
		how := damage(t.T, r, path)
		name := filepath.Base(path)
		t.runs["damage"]++
		if name != runFile {
			t.hits["damage"]++
			t.goesOn(how)
			continue
		}
		t.runs["damage of run.json"]++ // the images are as they were, or it is an error
		p := command(t.T, with(quick, "-resume", "a", "-steps", "20")...)
		err := p.Run()
		t.ended(how, err, p)
		if err == nil && state(t.T, "a") != t.state {
			t.Errorf("%s: the state is another", how)
		}
	}
}

// damage changes a file, and says how.
func damage(t *testing.T, r *rand.Rand, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	how := "nothing in it"
	if len(b) > 0 {
		at := r.IntN(len(b))
		if r.IntN(2) == 0 {
			at = r.IntN(min(len(b), 2000)) // the head
		}
		switch r.IntN(4) {
		case 0:
			b[at] ^= 1 << r.IntN(8)
			how = fmt.Sprintf("a bit of byte %d changed", at)
		case 1:
			b = b[:at]
			how = fmt.Sprintf("cut at %d", at)
		case 2:
			clear(b[at:min(len(b), at+512)])
			how = fmt.Sprintf("zeros from %d", at)
		case 3:
			b = append(b, b[at:]...)
			how = fmt.Sprintf("what follows %d twice", at)
		}
	}
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
	return path + ": " + how
}
