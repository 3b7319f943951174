package main

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"log/slog"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"spdiff"
	"spdiff/cmd/internal/cli/clitest"
	"spdiff/group"
	"spdiff/tensor"
)

func trained(t testing.TB, g group.Group, m spdiff.Method, channels, classes int) *spdiff.Model {
	t.Helper()
	c := clitest.Tiny(g, m, channels, classes)
	c.DropClass, c.ClassNames = float64(min(classes, 1))/2, []string{"none", "few", "most"}[:classes]
	z, err := spdiff.Train(context.Background(), c, clitest.Noise{Channels: channels, Classes: classes}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// models are trained once: exact ones and a plain one, grey, coloured, and of classes.
var models = sync.OnceValue(func() map[string]*spdiff.Model {
	t := &testing.T{}
	return map[string]*spdiff.Model{
		"tied": trained(t, group.D4, spdiff.WT, 1, 0), "plain": trained(t, group.D4, spdiff.Plain, 1, 0),
		"colour": trained(t, group.C4, spdiff.WT, 3, 0), "classes": trained(t, group.C4, spdiff.WT, 1, 3),
	}
})

// A service is a server under test, asked by a client that holds every exchange against openapi.yaml.
type service struct {
	*testing.T
	*server
	*httptest.Server
	client *http.Client
	logged *safeBuffer
}

type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// start serves the models under test; set may change the server before.
func start(t *testing.T, set func(*server)) *service {
	t.Helper()
	var all []*served
	for _, name := range []string{"tied", "plain", "colour", "classes"} {
		all = append(all, &served{Model: models()[name], name: name})
	}
	all, err := pair(all)
	if err != nil {
		t.Fatal(err)
	}
	logged := &safeBuffer{}
	s := newServer(all, defaults(), slog.New(slog.NewTextHandler(logged, nil)))
	s.loopback = true
	if set != nil {
		set(s)
		q := newQueue(s.limits)
		s.queue, s.metrics = q, newMetrics(q)
	}
	h := httptest.NewServer(s.handler())
	t.Cleanup(h.Close)
	return &service{t, s, h, &http.Client{Transport: newContract(t, h.Client().Transport)}, logged}
}

// ask sends a request and returns the answer with its body.
func (s *service) ask(method, path, kind string, body []byte, headers ...string) (*http.Response, []byte) {
	s.Helper()
	r, err := http.NewRequest(method, s.URL+path, bytes.NewReader(body))
	if err != nil {
		s.Fatal(err)
	}
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	a, err := s.client.Do(r)
	if err != nil {
		s.Fatal(err)
	}
	defer a.Body.Close()
	text, err := io.ReadAll(a.Body)
	if err != nil {
		s.Fatal(err)
	}
	return a, text
}

// drawing is an image without symmetry.
func picturePixels(h, w int) image.Image {
	pic := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			pic.SetNRGBA(x, y, color.NRGBA{uint8(20*x + y*y), uint8(200 - 9*x), uint8(11 * x * y), 255})
		}
	}
	return pic
}

func asPNG(h, w int) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, picturePixels(h, w)); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func asJPEG(h, w int) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, picturePixels(h, w), nil); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// asForm returns a form with an image and settings, name and value in turn.
func asForm(picture []byte, settings ...string) (body []byte, kind string) {
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	w, _ := form.CreateFormFile("image", "../../etc/passwd")
	w.Write(picture)
	for i := 0; i < len(settings); i += 2 {
		form.WriteField(settings[i], settings[i+1])
	}
	form.Close()
	return b.Bytes(), form.FormDataContentType()
}

// parts returns those of a form that was answered, by name.
func parts(t *testing.T, a *http.Response, body []byte) map[string][][]byte {
	t.Helper()
	_, parameters, err := mime.ParseMediaType(a.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	z := map[string][][]byte{}
	for form := multipart.NewReader(bytes.NewReader(body), parameters["boundary"]); ; {
		p, err := form.NextPart()
		if err == io.EOF {
			return z
		}
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(p)
		z[p.FormName()] = append(z[p.FormName()], text)
	}
}

// told returns the events of an answer, without the comments between them.
func told(t *testing.T, body []byte) (z []event) {
	t.Helper()
	for e := range strings.SplitSeq(strings.TrimSuffix(string(body), "\n\n"), "\n\n") {
		if strings.HasPrefix(e, ":") {
			continue
		}
		name, data, ok := strings.Cut(strings.TrimPrefix(e, "event: "), "\ndata: ")
		if !ok || !json.Valid([]byte(data)) {
			t.Fatalf("%.200q is no event", e)
		}
		z = append(z, event{name, data})
	}
	return z
}

// numbers returns the numbers of a picture file.
func numbers(t *testing.T, file []byte) *tensor.Tensor {
	t.Helper()
	w, err := read(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	return floats(w)
}

func modelFile(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "model.safetensors")
	if err := models()[name].Save(path); err != nil {
		t.Fatal(err)
	}
	return path
}

// fuzzed is a server of the smallest model, for requests that need no connection, and its handler: what a request says is under test,
// and the network's work is kept to a step of a tile or two.
var fuzzed = sync.OnceValues(func() (*server, http.Handler) {
	l := defaults()
	l.bytes, l.pixels, l.steps = 1<<16, 72, 1
	s := newServer([]*served{{Model: trained(&testing.T{}, group.C1, spdiff.Plain, 1, 0), name: "tied"}}, l, slog.New(slog.DiscardHandler))
	return s, s.handler()
})
