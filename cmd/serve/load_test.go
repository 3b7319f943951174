package main

import (
	"bufio"
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"spdiff"
	"spdiff/cmd/internal/digits"
)

var (
	loadTime    = flag.Duration("load", 0, "how long TestLoad asks the service; 0: it is skipped")
	loadClients = flag.Int("clients", 200, "how many clients it has at once")
	loadArgs    = flag.String("serve", "", "flags of the service besides")
)

// child is the variable that makes the test's binary the command.
const child = "SPDIFF_SERVE_CHILD"

// TestMain is also the command itself, for a test that needs it in a process of its own.
func TestMain(m *testing.M) {
	if args, ok := os.LookupEnv(child); ok {
		os.Args = append(os.Args[:1], strings.Split(args, "\n")...)
		main() // ends the process
	}
	code := m.Run()
	closeChromium()
	os.Exit(code)
}

// A loaded is a service in a process of its own.
type loaded struct {
	url     string
	process *os.Process
}

// serveAlone starts one, of a model of the size of digits-s.
func serveAlone(t *testing.T) *loaded {
	t.Helper()
	c, err := spdiff.DefaultConfig("digits-s")
	if err != nil {
		t.Fatal(err)
	}
	c.Steps, c.Batch = 1, 2
	m, err := spdiff.Train(context.Background(), c, digits.New(1, 16), nil)
	if err != nil {
		t.Fatal(err)
	}
	path := t.TempDir() + "/model.safetensors"
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	return serveModel(t, "digits="+path)
}

// serveModel starts one, of a model as -model names it, on at most two cores.
func serveModel(t *testing.T, model string) *loaded {
	t.Helper()
	args := append([]string{"-model", model, "-listen", "127.0.0.1:0", "-threads", "2"}, strings.Fields(*loadArgs)...)
	command := exec.Command(os.Args[0])
	command.Env = append(os.Environ(), child+"="+strings.Join(args, "\n"), "GOMAXPROCS=2")
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { command.Process.Kill(); command.Wait() })
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if _, rest, ok := strings.Cut(lines.Text(), "serve:  "); ok {
			t.Log(lines.Text())
			url, _, _ := strings.Cut(rest, ",")
			return &loaded{url, command.Process}
		}
	}
	t.Fatal("the service did not start")
	return nil
}

// resident returns how many MiB of memory it has.
func (l *loaded) resident() int {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", l.process.Pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); len(f) > 1 && f[0] == "VmRSS:" {
			n, _ := strconv.Atoi(f[1])
			return n >> 10
		}
	}
	return 0
}

// A tally is what clients saw.
type tally struct {
	mu             sync.Mutex
	served         []time.Duration // of requests that were served, from when they were let in
	whole          []time.Duration // of the same, with all times that they were told to come back
	refused        int
	wrong, strange []string
}

// client asks until the time is over: then its last request is served, or it is told to come back later than that.
func (l *loaded) client(c *http.Client, number int, end time.Time, picture []byte, want [][]byte, z *tally) {
	for i := 0; time.Now().Before(end); i++ {
		seed := (number + i) % len(want)
		for begun := time.Now(); ; {
			tried := time.Now()
			a, err := c.Post(fmt.Sprintf("%s/v1/models/digits/denoise?steps=5&seed=%d", l.url, seed), "image/png", bytes.NewReader(picture))
			if err != nil {
				z.add(&z.strange, err.Error())
				return
			}
			text, err := io.ReadAll(a.Body)
			a.Body.Close()
			if a.StatusCode == http.StatusTooManyRequests && err == nil {
				z.mu.Lock()
				z.refused++
				z.mu.Unlock()
				after, _ := strconv.Atoi(a.Header.Get("Retry-After"))
				pause := time.Duration(after) * time.Second
				if time.Now().Add(pause).After(end) {
					return
				}
				time.Sleep(pause)
				continue
			}
			switch {
			case err != nil || a.StatusCode != 200:
				z.add(&z.strange, fmt.Sprintf("%s, %v, %.200s", a.Status, err, text))
			case !bytes.Equal(text, want[seed]):
				z.add(&z.wrong, fmt.Sprintf("seed %d", seed))
			default:
				z.mu.Lock()
				z.served, z.whole = append(z.served, time.Since(tried)), append(z.whole, time.Since(begun))
				z.mu.Unlock()
			}
			break
		}
	}
}

func (z *tally) add(to *[]string, what string) {
	z.mu.Lock()
	defer z.mu.Unlock()
	*to = append(*to, what)
}

// quantile returns the q-th of times, which it sorts.
func quantile(d []time.Duration, q float64) time.Duration {
	if len(d) == 0 {
		return 0
	}
	slices.Sort(d)
	return d[min(int(q*float64(len(d))), len(d)-1)].Round(time.Millisecond)
}

// TestLoad asks the command for a denoised digit from many clients at once: each asks again as soon as it is served, and comes back
// when it is told to. Every answer is the bytes that were answered before the load, and none is lost. It measures, and is skipped unless
// it is asked for:
//
//	go test ./cmd/serve -run TestLoad -v -load 5m -clients 200 -timeout 0
func TestLoad(t *testing.T) {
	if *loadTime == 0 {
		t.Skip("SKIPPED: the load: -load 5m asks for it")
	}
	l := serveAlone(t)
	picture := asGrey(28, 28)
	want := make([][]byte, 16)
	for seed := range want {
		a, err := http.Post(fmt.Sprintf("%s/v1/models/digits/denoise?steps=5&seed=%d", l.url, seed), "image/png", bytes.NewReader(picture))
		if err != nil {
			t.Fatal(err)
		}
		want[seed], _ = io.ReadAll(a.Body)
		a.Body.Close()
	}
	c := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: *loadClients}}
	z, begun := &tally{}, time.Now()
	var wg sync.WaitGroup
	for i := range *loadClients {
		wg.Go(func() { l.client(c, i, begun.Add(*loadTime), picture, want, z) })
	}
	done := make(chan struct{})
	var memory []int
	go func() {
		defer close(done)
		wg.Wait()
	}()
	for range 10 {
		select {
		case <-done:
		case <-time.After(*loadTime / 10):
		}
		memory = append(memory, l.resident())
	}
	<-done
	took := time.Since(begun)
	t.Logf("%d clients, %v: %d served, %.1f a second, %d times told to come back", *loadClients, took.Round(time.Second), len(z.served),
		float64(len(z.served))/took.Seconds(), z.refused)
	t.Logf("let in: p50 %v, p99 %v; with coming back: p50 %v, p99 %v", quantile(z.served, 0.5), quantile(z.served, 0.99), quantile(z.whole, 0.5), quantile(z.whole, 0.99))
	t.Logf("MiB of memory, at tenths of the time: %v", memory)
	if len(z.wrong) > 0 || len(z.strange) > 0 || len(z.served) == 0 {
		t.Errorf("%d wrong answers, %d lost: %.500v", len(z.wrong), len(z.strange), append(z.wrong, z.strange...))
	}
	if first, last := memory[2], memory[9]; last > first+first/4+16 {
		t.Errorf("memory grows from %d MiB to %d", first, last)
	}
}
