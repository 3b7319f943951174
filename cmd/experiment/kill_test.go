package main

import (
	"bytes"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"spdiff/cmd/internal/cli/clitest"
)

// An experiment that is killed at random moments and goes on each time, with another number of threads, ends with the numbers of one
// that nothing happened to. Where the machine became so fast that it was killed less than twice, it is tried again with earlier kills.
func TestKill(t *testing.T) {
	clitest.NeedsSIMD(t)
	if testing.Short() {
		t.Skip("SKIPPED: killing takes a while")
	}
	data := images(t)
	t.Chdir(t.TempDir())
	args := tiny(data, "-seeds", "1", "-steps", "60")
	begun := time.Now()
	do(t, append(args, "-out", "a")...)
	span := time.Since(begun)
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(3, 4))
	killed := 0
	for k := 0; ; k++ {
		c := exec.Command(exe, append(args, "-out", "b", "-threads", []string{"1", "2", "3"}[k%3])...)
		c.Env = append(os.Environ(), "EXPERIMENT_TEST_COMMAND=1")
		var out bytes.Buffer
		c.Stdout, c.Stderr = &out, &out
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		kill := time.AfterFunc(span/8+time.Duration(r.Int64N(int64(span/4)))*time.Duration(1+k/5), func() { c.Process.Kill() })
		err := c.Wait()
		if kill.Stop() {
			if err != nil {
				t.Fatalf("%v: %s", err, out.String())
			}
			if killed >= 2 {
				break
			}
			if span /= 2; span < time.Millisecond || os.RemoveAll("b") != nil {
				t.Fatal("it cannot be killed")
			}
			killed = 0
			continue
		}
		if killed++; killed > 60 {
			t.Fatalf("it never ends: %s", out.String())
		}
	}
	if a, b := read(t, "a", "report.csv"), read(t, "b", "report.csv"); a != b {
		t.Errorf("after %d kills\n%sinstead of\n%s", killed, b, a)
	}
	for _, name := range []string{"8/plain-1/model.safetensors", "8/oc-1/model.safetensors"} {
		if read(t, "a", name) != read(t, filepath.Join("b", name)) {
			t.Errorf("%s is another after %d kills", name, killed)
		}
	}
}
