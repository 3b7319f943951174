package train

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"spdiff"
	"spdiff/cmd/internal/cli/clitest"
	"spdiff/tensor/safetensors"
)

var kills = flag.Int("kills", 50, "how often TestKill kills the command")

// A run that is killed at random moments, fifty times, and goes on each time with another number of threads, ends with the bits of
// one that was never interrupted: weights, moments and means. At no moment is a state there that is not whole, progress is never
// lost, and the log has each line once.
func TestKill(t *testing.T) {
	clitest.NeedsSIMD(t)
	if testing.Short() {
		t.Skip("SKIPPED: fifty kills take fifteen seconds")
	}
	t.Chdir(t.TempDir())
	span := timeToSave(t)
	r := rand.New(rand.NewPCG(1, 2))
	last, begun, moved := -1, 0, 0
	for k := range *kills {
		args := with(tiny, "-out", "a")
		if last >= 0 {
			args = with(quick, "-resume", "a")
		}
		p := start(t, with(args, "-threads", itoa(1+k%3))...)
		time.Sleep(time.Duration(r.Int64N(int64(span))))
		p.Process.Kill()
		p.Wait()
		if strings.Contains(p.out.String(), "damaged") || strings.Contains(p.out.String(), "train: open") {
			t.Fatalf("kill %d: %s", k, p.out)
		}
		allWhole(t)
		now := newest(t, "a")
		if now < last {
			t.Fatalf("kill %d: the state went from step %d to %d", k, last, now)
		}
		if now > last {
			moved++
		}
		if last >= 0 {
			begun++
		}
		last = now
	}
	if begun < *kills/2 || moved < *kills/10 {
		t.Fatalf("%d of %d runs went on, %d of them to a new state: too few for the test to mean something", begun, *kills, moved)
	}
	end := itoa(last + 10)
	for _, args := range [][]string{with(quick, "-resume", "a", "-steps", end), with(tiny, "-out", "b", "-steps", end)} {
		if p := command(t, args...); p.Run() != nil {
			t.Fatal(p.out)
		}
	}
	if !bytes.Equal(weights(t, "a"), weights(t, "b")) {
		t.Error("the killed run has another model")
	}
	if a, b := state(t, "a"), state(t, "b"); a != b {
		t.Error("the killed run has another state")
	}
	if a, b := steps(t, "a"), steps(t, "b"); a != b {
		t.Errorf("the logs are\n%sand\n%s", a, b)
	}
	if left, _ := filepath.Glob("a/.*.aside"); left != nil {
		t.Errorf("%v are left", left)
	}
	t.Logf("%d kills, %d steps, %d of the runs saved", *kills, last, moved)
}

// timeToSave returns within what time kills are spread: twice the time from the start of a process to its first ten steps, saved.
func timeToSave(t *testing.T) time.Duration {
	t.Helper()
	began := time.Now()
	p := start(t, with(tiny, "-out", "c")...)
	until(t, "state", func() bool { return newest(t, "c") >= 10 })
	span := min(2*time.Since(began), time.Second)
	p.Process.Kill()
	p.Wait()
	return span
}

// allWhole fails if a state in the folder is not whole, or if there are more than two and one that was about to go.
func allWhole(t *testing.T) {
	t.Helper()
	paths, _ := spdiff.Checkpoints("a")
	if len(paths) > 3 {
		t.Fatalf("there are the states %v", paths)
	}
	for _, path := range paths {
		if _, err := safetensors.ReadSealed(path); err != nil {
			t.Fatal(err)
		}
	}
}

// state returns a checksum of the newest state's numbers.
func state(t *testing.T, folder string) string {
	t.Helper()
	paths, err := spdiff.Checkpoints(folder)
	if err != nil || len(paths) != 2 {
		t.Fatal(paths, err)
	}
	f, err := safetensors.ReadSealed(paths[0])
	if err != nil {
		t.Fatal(err)
	}
	f.Metadata = map[string]string{"steps": f.Metadata["steps"]}
	var b bytes.Buffer
	if err := safetensors.Encode(&b, f); err != nil {
		t.Fatal(err)
	}
	return sum(b.Bytes())
}

func sum(b []byte) string {
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:])
}

func itoa(n int) string { return strconv.Itoa(n) }

// A GAN's run that is killed after it has saved, three times, ends with the bits of one that was never interrupted.
func TestKillGAN(t *testing.T) {
	clitest.NeedsSIMD(t)
	if testing.Short() {
		t.Skip("SKIPPED: it takes ten seconds")
	}
	t.Chdir(t.TempDir())
	begin := []string{"-gan", "spgan", "-batch", "2", "-limit", "20", "-save", "0", "-samples", "0", "-threads", "1"}
	last := 0
	for k := range 3 {
		args := with(begin, "-out", "a")
		if k > 0 {
			args = with(quick, "-resume", "a", "-threads", itoa(1+k))
		}
		p := start(t, args...)
		until(t, "state", func() bool { return newest(t, "a") > last })
		p.Process.Kill()
		p.Wait()
		last = newest(t, "a")
	}
	end := itoa(last + 10)
	for _, args := range [][]string{with(quick, "-resume", "a", "-steps", end), with(begin, "-out", "b", "-steps", end)} {
		if p := command(t, args...); p.Run() != nil {
			t.Fatal(p.out)
		}
	}
	var models [2]*spdiff.GAN
	for i, path := range []string{"a/model.safetensors", "b/model.safetensors"} {
		m, err := spdiff.LoadGAN(path)
		if err != nil {
			t.Fatal(err)
		}
		models[i] = m
	}
	draw := func(m *spdiff.GAN) []float32 {
		z, err := m.Sample(t.Context(), spdiff.Sampling{N: 2})
		if err != nil {
			t.Fatal(err)
		}
		return z.Data()
	}
	if !slices.Equal(draw(models[0]), draw(models[1])) || state(t, "a") != state(t, "b") {
		t.Error("the killed run has another model, or another state")
	}
	if a, b := steps(t, "a"), steps(t, "b"); a != b {
		t.Errorf("the logs are\n%sand\n%s", a, b)
	}
}
