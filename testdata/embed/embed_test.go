package embed

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"spdiff"
)

// atImport is how many goroutines there were when spdiff and all that it needs had been initialised.
var atImport = runtime.NumGoroutine()

func TestNothingStartsAtImport(t *testing.T) {
	if atImport != 1 {
		t.Errorf("%d goroutines after the imports, want that of main alone", atImport)
	}
}

// trained returns the path of a model. What the library prints on the way is a failure.
func trained(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "squares.safetensors")
	steps := 0
	if printed := capture(t, func() {
		if err := Train(context.Background(), path, func(int, float64) { steps++ }); err != nil {
			t.Error(err)
		}
	}); printed != "" || steps != Config().Steps {
		t.Fatalf("%d steps, and the library printed %q", steps, printed)
	}
	return path
}

// capture returns what f makes the process print.
func capture(t *testing.T, f func()) string {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	out, errs := os.Stdout, os.Stderr
	os.Stdout, os.Stderr = w, w
	defer func() { os.Stdout, os.Stderr = out, errs }()
	f()
	w.Close()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// One model serves many clients at once, and each gets what it would get alone.
func TestServe(t *testing.T) {
	s, err := NewServer(trained(t))
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(s)
	defer server.Close()
	get := func(seed int) []byte {
		r, err := http.Get(fmt.Sprintf("%s/?seed=%d", server.URL, seed))
		if err != nil {
			t.Error(err)
			return nil
		}
		defer r.Body.Close()
		b, err := io.ReadAll(r.Body)
		if err != nil || r.StatusCode != http.StatusOK {
			t.Errorf("seed %d: %s %v: %s", seed, r.Status, err, b)
		}
		return b
	}
	var alone [8][]byte
	for i := range alone {
		alone[i] = get(i)
	}
	if bytes.Equal(alone[0], alone[1]) {
		t.Error("two seeds give one image")
	}
	var clients sync.WaitGroup
	for i := range 4 * len(alone) {
		clients.Go(func() {
			if !bytes.Equal(get(i%len(alone)), alone[i%len(alone)]) {
				t.Errorf("seed %d gives another image beside others", i%len(alone))
			}
		})
	}
	clients.Wait()
}

// A client that goes away ends its sampling, which would take minutes, and nobody else's.
func TestCancel(t *testing.T) {
	s, err := NewServer(trained(t))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(50*time.Millisecond, cancel)
	if _, err := s.model.Sample(ctx, spdiff.Sampling{Reversal: spdiff.Reversal{Steps: 1_000_000}}); !errors.Is(err, context.Canceled) {
		t.Errorf("sampling: %v", err)
	}
	answer := httptest.NewRecorder()
	s.ServeHTTP(answer, httptest.NewRequestWithContext(ctx, "GET", "/?seed=1", nil))
	if answer.Code != http.StatusServiceUnavailable || !bytes.Contains(answer.Body.Bytes(), []byte(context.Canceled.Error())) {
		t.Errorf("%d %s", answer.Code, answer.Body)
	}
	answer = httptest.NewRecorder()
	s.ServeHTTP(answer, httptest.NewRequest("GET", "/?seed=1", nil))
	if answer.Code != http.StatusOK {
		t.Errorf("the next client: %d %s", answer.Code, answer.Body)
	}
	if err := Train(ctx, filepath.Join(t.TempDir(), "x"), func(int, float64) { t.Error("a step after the end") }); !errors.Is(err, context.Canceled) {
		t.Errorf("training: %v", err)
	}
}

// What a request asks for is bounded, and its status says whose fault it is that there is no image.
func TestBounds(t *testing.T) {
	s, err := NewServer(trained(t))
	if err != nil {
		t.Fatal(err)
	}
	get := func(query string) *httptest.ResponseRecorder {
		answer := httptest.NewRecorder()
		s.ServeHTTP(answer, httptest.NewRequest("GET", query, nil))
		return answer
	}
	most, more := get(fmt.Sprintf("/?seed=1&steps=%d", mostSteps)), get(fmt.Sprintf("/?seed=1&steps=%d", 4*mostSteps))
	if most.Code != http.StatusOK || more.Code != http.StatusOK || !bytes.Equal(most.Body.Bytes(), more.Body.Bytes()) {
		t.Errorf("%d steps: %d; four times as many: %d, and it may be another image", mostSteps, most.Code, more.Code)
	}
	if answer := get("/?seed=1&steps=-1"); answer.Code != http.StatusBadRequest {
		t.Errorf("steps below 0: %d %s", answer.Code, answer.Body)
	}
	s.time = 0
	if answer := get("/?seed=1"); answer.Code != http.StatusServiceUnavailable {
		t.Errorf("no time: %d %s", answer.Code, answer.Body)
	}
	if got := status(&spdiff.MemoryError{}); got != http.StatusServiceUnavailable {
		t.Errorf("no memory: %d", got)
	}
}

// faulty is a source that some of what the library could not know is wrong with.
type faulty struct {
	Squares
	image func(dst []float32, i int) (int, error)
}

func (f faulty) Image(dst []float32, i int) (int, error) { return f.image(dst, i) }

type empty struct{ Squares }

func (empty) Len() int { return 0 }

type wide struct{ Squares }

func (wide) Shape() (h, w, c int) { return side, 2 * side, 1 }

// What a caller could not have known is an error, which can be told from others.
func TestErrors(t *testing.T) {
	var source *spdiff.SourceError
	var diverged *spdiff.DivergedError
	broken := errors.New("the cable is broken")
	nan := func(dst []float32, _ int) (int, error) { dst[3] = float32(math.NaN()); return 0, nil }
	for name, c := range map[string]struct {
		source spdiff.Source
		is     func(error) bool
	}{
		"no images":        {empty{}, func(err error) bool { return errors.As(err, &source) }},
		"another shape":    {wide{}, func(err error) bool { return errors.As(err, &source) }},
		"an unknown class": {faulty{image: func([]float32, int) (int, error) { return 7, nil }}, func(err error) bool { return errors.As(err, &source) }},
		"an error":         {faulty{image: func([]float32, int) (int, error) { return 0, broken }}, func(err error) bool { return errors.Is(err, broken) }},
		"no number":        {faulty{image: nan}, func(err error) bool { return errors.As(err, &diverged) }},
	} {
		if _, err := spdiff.Train(context.Background(), Config(), c.source, nil); err == nil || !c.is(err) {
			t.Errorf("%s: %v", name, err)
		}
	}

	path := trained(t)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{0, 5, 100, len(whole) - 4} {
		if err := os.WriteFile(path, whole[:n], 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := NewServer(path); err == nil {
			t.Errorf("the first %d of %d bytes are a model", n, len(whole))
		}
	}
	if _, err := NewServer(path + ".none"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	var memory *spdiff.MemoryError
	os.WriteFile(path, whole, 0o644)
	s, err := NewServer(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.model.Sample(context.Background(), spdiff.Sampling{N: min(1<<40, math.MaxInt)}); !errors.As(err, &memory) {
		t.Errorf("too many images: %v", err)
	}
	if _, err := s.model.Sample(context.Background(), spdiff.Sampling{Reversal: spdiff.Reversal{Classes: []int{9}}}); err == nil {
		t.Error("an unknown class is no error")
	}
}
