package main

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"spdiff"
	"spdiff/cmd/internal/allocs"
)

// bomb is a PNG of some bytes that claims so many pixels.
func bomb(w, h uint32) []byte {
	var data bytes.Buffer
	z := zlib.NewWriter(&data)
	z.Write(make([]byte, 1<<20))
	z.Close()
	b := []byte("\x89PNG\r\n\x1a\n")
	for _, c := range []struct {
		name string
		body []byte
	}{{"IHDR", append(binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h), 8, 0, 0, 0, 0)}, {"IDAT", data.Bytes()}} {
		b = binary.BigEndian.AppendUint32(b, uint32(len(c.body)))
		body := append([]byte(c.name), c.body...)
		b = binary.BigEndian.AppendUint32(append(b, body...), crc32.ChecksumIEEE(body))
	}
	return b
}

// What is beyond a limit, and what cannot be, is refused with a status that says whose fault it is and words that say what to do.
func TestRefusals(t *testing.T) {
	s := start(t, func(s *server) {
		s.limits.bytes, s.limits.pixels, s.limits.steps, s.limits.samples = 100_000, 400, 20, 12
	})
	good := asPNG(8, 8)
	file := func(path string) []byte {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	form := func(picture []byte, settings ...string) (kind string, body []byte) {
		body, kind = asForm(picture, settings...)
		return kind, body
	}
	many := make([]string, 80)
	for i := range many {
		many[i] = "seed"
	}
	const tied = "/v1/models/tied/denoise"
	for _, c := range []struct {
		path   string
		kind   string
		body   []byte
		status int
		want   string
	}{
		{tied, "image/png", make([]byte, 100_001), 413, "100000 bytes"},
		{tied, "image/png", asPNG(20, 21), 413, "20 rows × 21 columns; at most 400 pixels"},
		{tied, "image/png", bomb(60_000, 60_000), 422, "not believed"},
		{tied, "image/png", bomb(5000, 200), 413, "at most 400"},
		{tied, "image/png", bomb(20, 20)[:60], 422, "cannot be read"},
		{tied, "image/png", []byte("not an image"), 422, "none of the pictures"},
		{tied, "application/octet-stream", file("../internal/dicom/testdata/deflated_u8.dcm"), 422, "DICOM is not read"},
		{tied, "image/gif", file("../internal/picture/testdata/frames.gif"), 422, "2 pages or frames"},
		{tied, "image/png", nil, 400, "no image"},
		{tied, "image/png", asPNG(1, 60), 413, "1 rows × 60 columns, and for the network's 8 rows × 8 columns is padded to 9 rows × 60 columns; at most 400"},
		{tied, "image/png", bomb(1, 390), 413, "390 rows × 9 columns; at most 400"},
		{tied, "text/plain", good, 415, "text/plain"},
		{tied, "", good, 415, "Content-Type"},
		{tied, "multipart/form-data", good, 400, "cannot be read"},
		{tied, "multipart/form-data; boundary=x", bytes.Repeat([]byte("a line\r\n"), 12_501), 413, "100000 bytes"},
		{tied, "multipart/form-data; boundary=x", []byte("--x\r\nContent-Disposition: form-data; name=\"image\"\r\n\r\nabc"), 400, "cannot be read"},
		{tied + "?steps=21", "image/png", good, 400, "from 1 to 20"},
		{tied + "?steps=0", "image/png", good, 400, "from 1 to 20"},
		{tied + "?steps=3&steps=4", "image/png", good, 400, "2 times"},
		{tied + "?out=/etc/passwd", "image/png", good, 400, "no setting"},
		{tied + "?start=NaN", "image/png", good, 400, "a time"},
		{tied + "?start=1", "image/png", good, 400, "Start is 1"},
		{tied + "?seed=-1", "image/png", good, 400, "2^64"},
		{tied + "?solver=magic", "image/png", good, 400, "ddim"},
		{tied + "?deterministic=maybe", "image/png", good, 400, "true or false"},
		{tied + "?degrade=65", "image/png", good, 400, "1 to 64"},
		{tied + "?class=0", "image/png", good, 400, "without classes"},
		{tied + "?n=4", "image/png", good, 400, "no setting"},
		{tied + "?%zz", "image/png", good, 400, "query"},
		{tied + "?guidance=1", "image/png", good, 400, "train -drop-class"},
		{"/v1/models/tied/samples?guidance=-1", "", nil, 400, "train -drop-class"},
		{"/v1/models/classes/samples?guidance=101", "", nil, 400, "to 100; 0"},
		{"/v1/models/classes/samples?guidance=NaN", "", nil, 400, "to 100; 0"},
		{"/v1/models/classes/samples?guidance=-1.5", "", nil, 400, "to 100; 0"},
		{"/v1/models/classes/denoise", "image/png", good, 400, "3 classes; say by class which one the image has, or give guidance=-1"},
		{"/v1/models/classes/denoise?class=3", "image/png", good, 400, "numbered from 0"},
		{"/v1/models/none/denoise", "image/png", good, 404, "no model"},
		{"/v1/models/..%2f..%2fetc%2fpasswd/denoise", "image/png", good, 404, "no model"},
		{"/v1/models/none", "", nil, 405, ""},
		{"/v1/models/tied/samples?n=13", "", nil, 400, "from 1 to 12"},
		{"/v1/models/tied/samples?frames=17", "", nil, 400, "from 0 to 16"},
		{"/v1/models/tied/samples", "image/png", good, 400, "no body"},
		{"/v1/models/tied/samples", "image/png", make([]byte, 100_001), 413, "100000 bytes"},
	} {
		a, body := s.ask("POST", c.path, c.kind, c.body)
		if a.StatusCode != c.status || !strings.Contains(string(body), c.want) {
			t.Errorf("%s with %d bytes of %s: %d, %.300s; want %d and %q", c.path, len(c.body), c.kind, a.StatusCode, body, c.status, c.want)
		}
	}
	for _, c := range []struct {
		settings []string
		want     string
	}{{[]string{"steps", "3", "steps", "3"}, "2 times"}, {many, "more than 32 parts"}, {[]string{"seed", strings.Repeat("1", 257)}, "256 bytes"}} {
		kind, body := form(good, c.settings...)
		if a, text := s.ask("POST", tied, kind, body); a.StatusCode != 400 || !strings.Contains(string(text), c.want) {
			t.Errorf("a form with %d settings: %s, %s; want %q", len(c.settings)/2, a.Status, text, c.want)
		}
	}
	if a, text := s.ask("POST", tied+"?steps=2", "image/png", asPNG(20, 20)); a.StatusCode != 200 {
		t.Errorf("at the limit: %s, %s", a.Status, text)
	}
}

// A request that does not say its steps takes 50, or as many as it may: of samples and of an image alike.
func TestStepsUnsaid(t *testing.T) {
	for limit, steps := range map[int]int{20: 20, 250: 50} {
		s := start(t, func(s *server) { s.limits.steps = limit })
		for _, c := range []struct {
			do, kind string
			body     []byte
		}{{"samples", "", nil}, {"denoise", "image/png", asPNG(8, 8)}} {
			path := "/v1/models/colour/" + c.do
			a, got := s.ask("POST", path, c.kind, c.body)
			_, want := s.ask("POST", fmt.Sprintf("%s?steps=%d", path, steps), c.kind, c.body)
			if a.StatusCode != 200 || !bytes.Equal(got, want) {
				t.Errorf("%s of at most %d steps: %s, and not what %d steps make", c.do, limit, a.Status, steps)
			}
		}
	}
}

// An image that claims many pixels takes no memory.
func TestBombs(t *testing.T) {
	file := bomb(30_000, 30_000)
	allocs.Bound(t, 1<<20, func() { look(t.Context(), file, models()["tied"], 1<<18) })
}

// A body that stops half-way is answered when its time is over, and its connection is closed.
func TestStalledUpload(t *testing.T) {
	s := newServer([]*served{{Model: models()["tied"], name: "tied"}}, defaults(), slog.New(slog.DiscardHandler))
	h := httptest.NewUnstartedServer(s.handler())
	h.Config.ReadTimeout = time.Second // of the head too, on a busy machine
	h.Start()
	t.Cleanup(h.Close)
	c, err := net.Dial("tcp", h.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(10 * time.Second))
	fmt.Fprint(c, "POST /v1/models/tied/denoise HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\nContent-Length: 1000\r\n\r\nhalf")
	text, err := io.ReadAll(c)
	if err != nil || !strings.HasPrefix(string(text), "HTTP/1.1 408 ") || !strings.Contains(string(text), "did not arrive") {
		t.Errorf("%v, %q", err, text)
	}
}

// As many requests are worked on at once as half of the cores that Go uses, and one at least.
func TestDefaultJobs(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for cores, jobs := range map[int]int{1: 1, 3: 1, 6: 3} {
		runtime.GOMAXPROCS(cores)
		if got := defaults().jobs; got != jobs {
			t.Errorf("%d jobs on %d cores; want %d", got, cores, jobs)
		}
	}
}

// A gate stops requests after each step until it is opened.
type gate struct {
	reached chan context.Context // of each step
	pass    chan struct{}
}

func newGate() *gate { return &gate{make(chan context.Context, 1000), make(chan struct{})} }

func (g *gate) stepped(ctx context.Context) {
	g.reached <- ctx
	<-g.pass
}

// When all places are taken, the next request is told when to come back, at once; and when there is room again it is served.
func TestFull(t *testing.T) {
	g := newGate()
	s := start(t, func(s *server) { s.limits.jobs, s.limits.waiting, s.stepped = 2, 3, g.stepped })
	var wg sync.WaitGroup
	for range 5 {
		wg.Go(func() {
			if a, body := s.ask("POST", "/v1/models/tied/samples?steps=2", "", nil); a.StatusCode != 200 {
				t.Errorf("one that had a place: %s, %s", a.Status, body)
			}
		})
	}
	<-g.reached
	<-g.reached
	for s.queue.waiting() < 3 {
		time.Sleep(time.Millisecond)
	}
	a, body := s.ask("POST", "/v1/models/tied/samples?steps=2", "", nil)
	after, err := strconv.Atoi(a.Header.Get("Retry-After"))
	if a.StatusCode != http.StatusTooManyRequests || !strings.Contains(string(body), "all 5 places are taken") || err != nil || after < 1 || after > 60 || !a.Close {
		t.Errorf("%s, Retry-After %q, %s", a.Status, a.Header.Get("Retry-After"), body)
	}
	_, text := s.ask("GET", "/metrics", "", nil)
	for _, want := range []string{"spdiff_working 2", "spdiff_waiting 3", `spdiff_requests_total{route="POST /v1/models/{model}/samples",status="429"} 1`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the metrics have no %s", want)
		}
	}
	if n := len(g.reached); n > 0 {
		t.Errorf("%d more than 2 are worked on", n)
	}
	close(g.pass)
	wg.Wait()
	if a, body := s.ask("POST", "/v1/models/tied/samples?steps=2", "", nil); a.StatusCode != 200 || len(s.queue.places) != 0 || len(s.queue.jobs) != 0 {
		t.Errorf("afterwards: %s, %s, %d places taken", a.Status, body, len(s.queue.places))
	}
}

// Those that wait for their turn are counted as waiting, and no others that have a place: here one whose image has not arrived.
func TestWaiting(t *testing.T) {
	s := start(t, nil)
	c, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprint(c, "POST /v1/models/tied/denoise HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\nContent-Length: 1000\r\n\r\nhalf")
	for len(s.queue.places) < 1 {
		time.Sleep(time.Millisecond)
	}
	if _, text := s.ask("GET", "/metrics", "", nil); !strings.Contains(string(text), "spdiff_waiting 0\n") {
		t.Error("an upload that came to a halt is said to wait for its turn")
	}
}

// A request whose client goes away makes no further step, and gives its turn to the next; one that waits leaves its place.
func TestGoingAway(t *testing.T) {
	for _, accept := range []string{"image/png", "text/event-stream"} {
		g := newGate()
		s := start(t, func(s *server) { s.limits.jobs, s.limits.waiting, s.stepped = 1, 3, g.stepped })
		send := func(ctx context.Context) chan error {
			done := make(chan error)
			r, _ := http.NewRequestWithContext(ctx, "POST", s.URL+"/v1/models/tied/denoise?steps=50", bytes.NewReader(asPNG(8, 8)))
			r.Header.Set("Content-Type", "image/png")
			r.Header.Set("Accept", accept)
			go func() {
				a, err := s.Server.Client().Do(r)
				if err == nil {
					_, err = io.ReadAll(a.Body)
					a.Body.Close()
				}
				done <- err
			}()
			return done
		}
		ctx, leave := context.WithCancel(context.Background())
		working := send(ctx)
		at := <-g.reached
		waiting := send(ctx)
		for s.queue.waiting() < 1 {
			time.Sleep(time.Millisecond)
		}
		leave()
		for _, c := range []chan error{working, waiting} {
			if err := <-c; !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		}
		<-at.Done() // the service has noticed
		for s.queue.waiting() > 0 {
			time.Sleep(time.Millisecond)
		}
		close(g.pass)
		for len(s.queue.places) > 0 {
			time.Sleep(time.Millisecond)
		}
		if n := len(g.reached); n > 0 {
			t.Errorf("%s: %d steps were made for nobody", accept, n)
		}
		if a, body := s.ask("POST", "/v1/models/tied/denoise?steps=2", "image/png", asPNG(8, 8)); a.StatusCode != 200 {
			t.Errorf("%s: the next is answered by %s, %s", accept, a.Status, body)
		}
	}
}

// What takes longer than it may is ended and told so.
func TestSlow(t *testing.T) {
	s := start(t, func(s *server) {
		s.limits.time = 50 * time.Millisecond
		s.stepped = func(ctx context.Context) { <-ctx.Done() }
	})
	a, body := s.ask("POST", "/v1/models/tied/denoise?steps=20", "image/png", asPNG(8, 8))
	if a.StatusCode != 503 || !strings.Contains(string(body), "more than 50ms") || a.Header.Get("Retry-After") == "" {
		t.Errorf("%s, %s", a.Status, body)
	}
	_, body = s.ask("POST", "/v1/models/tied/denoise?steps=20", "image/png", asPNG(8, 8), "Accept", "text/event-stream")
	if events := told(t, body); events[len(events)-1].name != "problem" {
		t.Errorf("%s", body)
	}
}

// An image is looked at in the time of its request: where that is over, it is not called a bad one.
func TestLookingEnds(t *testing.T) {
	s := start(t, func(s *server) { s.limits.time = 0 })
	if a, body := s.ask("POST", "/v1/models/tied/denoise", "image/png", []byte("not an image")); a.StatusCode != 503 {
		t.Errorf("%s, %s", a.Status, body)
	}
}

// What there is too little memory for is so the next time too: nobody is told to come back.
func TestTooLittleMemory(t *testing.T) {
	s := start(t, nil)
	if p := s.problemOf(&spdiff.MemoryError{What: "an arena", Need: 2, Have: 1}); p.Status != 503 || p.after != 0 || p.cause == nil {
		t.Errorf("%d after %d s, because of %v", p.Status, p.after, p.cause)
	}
}

// The largest batch that may be is one that the library takes, and larger ones are found before anything is served.
func TestLargestBatch(t *testing.T) {
	s := start(t, func(s *server) { s.limits.batch = mostBatch })
	if a, body := s.ask("POST", "/v1/models/tied/samples?steps=1", "", nil); a.StatusCode != 200 || s.limits.check() != nil {
		t.Errorf("%s, %s, %v", a.Status, body, s.limits.check())
	}
	s.limits.batch++
	if s.limits.check() == nil {
		t.Error("a larger one is served")
	}
}

// A picture that is not read because the request has ended is not called a bad one: the status says why it ended.
func TestReadingEnds(t *testing.T) {
	s := start(t, nil)
	for why, status := range map[error]int{errSlow: 503, errStopping: 503, errGone: gone} {
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(why)
		_, err := read(ctx, asPNG(8, 8))
		for _, err := range []error{err, look(ctx, asPNG(8, 8), models()["tied"], 64)} {
			if err == nil || s.problemOf(err).Status != status {
				t.Errorf("%v: %v; want status %d", why, err, status)
			}
		}
	}
}

// A stuck client takes nothing until it is let go, or its time is over.
type stuck struct {
	answered
	free chan struct{}
	err  error
}

func (w *stuck) Write(p []byte) (int, error) {
	<-w.free
	if w.err != nil {
		return 0, w.err
	}
	return w.answered.Write(p)
}

func (w *stuck) Flush() {}

// A slow client takes some time for each event.
type slow struct {
	stuck
	each     time.Duration
	deadline time.Time
}

func (w *slow) SetWriteDeadline(t time.Time) error { w.deadline = t; return nil }

// Write takes no time, for tests have none, but fails where what it would take is more than there is.
func (w *slow) Write(p []byte) (int, error) {
	<-w.free
	if time.Duration(bytes.Count(p, []byte("\n\n")))*w.each > time.Until(w.deadline) {
		return 0, os.ErrDeadlineExceeded
	}
	return w.answered.Write(p)
}

// A client that takes each event in time gets all, however many wait for it together.
func TestSlowClient(t *testing.T) {
	l := defaults()
	w := &slow{stuck: stuck{answered: answered{header: http.Header{}}, free: make(chan struct{})}, each: l.patience * 7 / 10}
	to := newStream(w, l, func(error) { t.Error("it is given up") })
	for i := range 4 {
		to.send(event{"sample", drawn{Number: i}})
	}
	close(w.free)
	to.close()
	if n := strings.Count(w.body.String(), "event: sample"); n != 4 {
		t.Errorf("%d events of 4 came", n)
	}
}

// A client that takes its events one by one holds its place no longer than a request may take.
func TestPlaceIsGivenBack(t *testing.T) {
	l := defaults()
	l.time = 3 * l.patience
	w := &slow{stuck: stuck{answered: answered{header: http.Header{}}, free: make(chan struct{})}, each: l.patience * 7 / 10}
	to := newStream(w, l, func(error) { t.Error("it is given up") })
	to.send(event{"sample", drawn{}})
	close(w.free)
	to.close()
	if last := time.Until(to.end); last <= 0 || last > l.time {
		t.Errorf("the place may be held for %v", last)
	}
	to.end = time.Now().Add(l.patience / 2)
	if last := time.Until(to.deadline()); last > l.patience/2 {
		t.Errorf("the last event may take %v", last)
	}
}

// A client that takes no events does not hold the work up: it gets the last progress, all that must arrive, and frames as long as
// there is room for them.
func TestStuckClient(t *testing.T) {
	w := &stuck{answered: answered{header: http.Header{}}, free: make(chan struct{})}
	to := newStream(w, defaults(), func(error) { t.Error("it is given up") })
	big := frame{Images: []picture{{typePNG, make([]byte, 100_000)}}}
	for i := range 100 {
		to.step(i, 100)
		to.frame(func() frame { return big })
	}
	for i := range 30 {
		to.send(event{"sample", drawn{Number: i}})
	}
	close(w.free)
	to.close()
	text := w.body.String()
	if frames := strings.Count(text, "event: frame"); frames < 5 || len(text) > enough+200_000 {
		t.Errorf("%d frames, %d bytes", frames, len(text))
	}
	if strings.Count(text, "event: sample") != 30 || !strings.Contains(text, `{"done":99,"of":100}`) {
		t.Error("something that must arrive is left out")
	}
}

// Where nothing is told for a while a comment is, so that no proxy between takes the service for dead.
func TestSignsOfLife(t *testing.T) {
	g := newGate()
	s := start(t, func(s *server) { s.limits.beat, s.stepped = 10*time.Millisecond, g.stepped })
	go func() {
		<-g.reached
		time.Sleep(200 * time.Millisecond)
		close(g.pass)
	}()
	_, body := s.ask("POST", "/v1/models/tied/denoise?steps=2", "image/png", asPNG(8, 8), "Accept", "text/event-stream")
	events := told(t, body)
	if n := strings.Count(string(body), comment); n < 2 || events[0].name != "queued" || events[len(events)-1].name != "done" {
		t.Errorf("%d comments, from %s to %s", n, events[0].name, events[len(events)-1].name)
	}
}

// A client that cannot be written to is given up, and so is its work.
func TestLostClient(t *testing.T) {
	w := &stuck{answered: answered{header: http.Header{}}, free: make(chan struct{}), err: errors.New("broken pipe")}
	close(w.free)
	ctx, cancel := context.WithCancelCause(context.Background())
	to := newStream(w, defaults(), cancel)
	to.step(1, 2)
	<-ctx.Done()
	to.send(event{"sample", drawn{}})
	to.close()
	if context.Cause(ctx) != errGone {
		t.Errorf("%v", context.Cause(ctx))
	}
}

// No more connections are open than may be; the next has its turn when one is closed.
func TestConnections(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := bounded(inner, 1)
	accepted := make(chan net.Conn)
	go func() {
		defer close(accepted)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			accepted <- c
		}
	}()
	for range 2 {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
	}
	first := <-accepted
	select {
	case <-accepted:
		t.Error("two are open")
	case <-time.After(20 * time.Millisecond):
	}
	first.Close()
	first.Close()
	second := <-accepted
	l.Close()
	if _, ok := <-accepted; ok {
		t.Error("a closed listener accepts")
	}
	second.Close()
}
