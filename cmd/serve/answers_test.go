package main

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"

	"spdiff"
	pictures "spdiff/cmd/internal/picture"
	"spdiff/sde"
)

func parsed(t *testing.T, text string) (v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// as reads JSON into a T.
func as[T any](t *testing.T, text []byte) (v T) {
	t.Helper()
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatalf("%v in %.200s", err, text)
	}
	return v
}

// What is answered is what the library makes of the image, in the format that it came in, whether it is the body or in a form.
func TestDenoise(t *testing.T) {
	s := start(t, nil)
	for _, c := range []struct {
		model, kind string
		picture     []byte
	}{
		{"tied", "image/png", asPNG(8, 8)}, {"colour", "image/jpeg", asJPEG(8, 11)}, {"plain", "application/octet-stream", asPNG(12, 9)},
	} {
		m := models()[c.model]
		x := spdiff.Degrade(numbers(t, c.picture, m.Config().Network.Out), 2)
		z, _, err := m.Denoise(context.Background(), x, spdiff.Denoising{Start: 0.3, Reversal: spdiff.Reversal{Seed: 9, Steps: 3, Solver: sde.DPMSolver{Eta: 0}}})
		if err != nil {
			t.Fatal(err)
		}
		w, err := read(t.Context(), c.picture, m.Config().Network.Out)
		if err != nil {
			t.Fatal(err)
		}
		want, err := rewritten(w, z)
		if err != nil {
			t.Fatal(err)
		}
		a, body := s.ask("POST", "/v1/models/"+c.model+"/denoise?start=0.3&seed=9&steps=3&solver=dpm&deterministic=true&degrade=2", c.kind, c.picture)
		if a.StatusCode != 200 || a.Header.Get("Content-Type") != want.Type || !bytes.Equal(body, want.Data) {
			t.Errorf("%s: %s, %s, %.200s", c.model, a.Status, a.Header.Get("Content-Type"), body)
		}
		form, kind := asForm(c.picture, "start", "0.3", "seed", "9", "steps", "3", "solver", "dpm", "deterministic", "true", "degrade", "2")
		a, body = s.ask("POST", "/v1/models/"+c.model+"/denoise", kind, form)
		if a.StatusCode != 200 {
			t.Fatalf("%s: %s, %s", c.model, a.Status, body)
		}
		p := parts(t, a, body)
		if len(p["image"]) != 1 || !bytes.Equal(p["image"][0], want.Data) {
			t.Errorf("%s: in a form another image is answered", c.model)
		}
		if about := as[denoised](t, p["report"][0]); about.Model != c.model || about.Exact != m.Config().Method.Exact() {
			t.Errorf("%s: the report is %+v", c.model, about)
		}
	}
}

// inKind returns a picture of 16 bits that lies on its side, with a profile, a resolution and perhaps alpha.
func inKind(t *testing.T, format string, channels int, alpha bool) []byte {
	t.Helper()
	w := &pictures.Whole{Header: pictures.Header{Depth: 16}, Image: &pictures.Image{H: 8, W: 9, C: channels},
		About: pictures.Metadata{ICC: []byte("a profile"), EXIF: []byte("II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00\x06\x00\x00\x00\x00\x00\x00\x00"), X: 1000, Y: 1000}}
	for i := range 8 * 9 * channels {
		w.Pix = append(w.Pix, uint16(i*i*977+i*31))
	}
	for i := range 8 * 9 {
		if alpha {
			w.Alpha = append(w.Alpha, uint16(i*900))
		}
	}
	var b bytes.Buffer
	if err := w.Encode(&b, format); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// What comes is what goes, but for the pixels: format, depth, orientation, alpha and what the file says; of a model of other channels
// without the profile.
func TestAnswersInKind(t *testing.T) {
	s := start(t, nil)
	for _, c := range []struct {
		format   string
		channels int
		alpha    bool
	}{{"PNG", 1, false}, {"PNG", 3, true}, {"TIFF", 3, true}, {"TIFF", 1, false}, {"JPEG", 3, false}} {
		file := inKind(t, c.format, c.channels, c.alpha)
		for model, channels := range map[string]int{"tied": 1, "colour": 3} {
			a, body := s.ask("POST", "/v1/models/"+model+"/denoise?steps=2", types[c.format], file)
			if a.StatusCode != 200 || a.Header.Get("Content-Type") != types[c.format] {
				t.Fatalf("%+v: %s, %s, %.200s", c, a.Status, a.Header.Get("Content-Type"), body)
			}
			if c.format == "TIFF" && c.alpha && channels == 1 {
				continue // which others read
			}
			before, err := read(t.Context(), file, channels)
			if err != nil {
				t.Fatal(err)
			}
			after, err := read(t.Context(), body, channels)
			if err != nil {
				t.Fatal(err)
			}
			if after.Header != before.Header || before.Turned != (c.format != "TIFF") || (before.Depth == 16) != (c.format != "JPEG") || after.C != channels ||
				!slices.Equal(after.Alpha, before.Alpha) || (after.Alpha != nil) != c.alpha || slices.Equal(after.Pix, before.Pix) {
				t.Errorf("%+v by %s: %+v becomes %+v", c, model, before.Header, after.Header)
			}
			if !bytes.Equal(after.About.EXIF, before.About.EXIF) || after.About.X != before.About.X || before.About.X == 0 ||
				(string(after.About.ICC) == "a profile") != (channels == c.channels) {
				t.Errorf("%+v by %s: the file says %+v, and said %+v", c, model, after.About, before.About)
			}
		}
	}
}

// Every setting changes the image, and the same request is answered by the same bytes.
func TestSettingsMatter(t *testing.T) {
	s := start(t, nil)
	seen := map[string]string{}
	for _, query := range []string{"", "&start=0.2", "&steps=4", "&seed=2", "&solver=sra1", "&deterministic=true", "&degrade=4"} {
		path := "/v1/models/tied/denoise?" + strings.TrimPrefix(query, "&")
		if !strings.Contains(query, "steps") {
			path = "/v1/models/tied/denoise?steps=3" + query
		}
		_, one := s.ask("POST", path, "image/png", asPNG(8, 8))
		_, two := s.ask("POST", path, "image/png", asPNG(8, 8))
		if !bytes.Equal(one, two) {
			t.Errorf("%s: two answers", query)
		}
		if before, ok := seen[string(one)]; ok {
			t.Errorf("%q and %q have the same answer", query, before)
		}
		seen[string(one)] = query
	}
}

// Exact models have equal bits in every orientation and a plain one has not; and what is shown is that.
func TestOrientations(t *testing.T) {
	s := start(t, nil)
	for model, exact := range map[string]bool{"tied": true, "plain": false} {
		a, body := s.ask("POST", "/v1/models/"+model+"/orientations?steps=3&degrade=2", "image/png", asPNG(9, 9))
		if a.StatusCode != 200 {
			t.Fatalf("%s, %s", a.Status, body)
		}
		c := as[comparison](t, body)
		if c.Equal != exact || (c.Largest == 0) != exact || c.Exact != exact || c.Group != "D4" || len(c.Orientations) != 8 {
			t.Errorf("%s: equal %v, largest %v, %s, %d orientations", model, c.Equal, c.Largest, c.Group, len(c.Orientations))
		}
		_, one := s.ask("POST", "/v1/models/"+model+"/denoise?steps=3&degrade=2", "image/png", asPNG(9, 9))
		if !slices.Equal(numbers(t, one, 1).Data(), numbers(t, c.Orientations[0].Denoised.Data, 1).Data()) {
			t.Errorf("%s: the first orientation is not the image as it is", model)
		}
		for _, o := range c.Orientations {
			loudest := float32(-1)
			for _, v := range numbers(t, o.Difference.Data, 1).Data() {
				loudest = max(loudest, v)
			}
			if (loudest > -1) != (o.Largest*loud > 1/127.5) && math.Abs(o.Largest*loud-1/127.5) > 1/127.5 {
				t.Errorf("%s, %s: the difference is %v, and the brightest that is shown %v", model, o.Element, o.Largest, loudest)
			}
		}
	}
	_, body := s.ask("POST", "/v1/models/tied/orientations?steps=2", "image/png", asPNG(8, 13))
	if c := as[comparison](t, body); c.Group != "D2" || len(c.Orientations) != 4 || !c.Equal {
		t.Errorf("of an oblong image there are %d orientations under %s", len(c.Orientations), c.Group)
	}
}

// Samples are those of the library: one as an image, several in a form.
func TestSamples(t *testing.T) {
	s := start(t, nil)
	for _, n := range []int{1, 11} {
		sampling := spdiff.Sampling{N: n, Reversal: spdiff.Reversal{Seed: math.MaxUint64, First: 3, Steps: 2, Classes: []int{2}}}
		var want [][]byte
		for d, err := range models()["classes"].Samples(context.Background(), sampling) {
			if err != nil {
				t.Fatal(err)
			}
			p, err := encode(d.Pixels)
			if err != nil {
				t.Fatal(err)
			}
			want = append(want, p.Data)
		}
		path := "/v1/models/classes/samples?seed=18446744073709551615&first=3&steps=2&class=2"
		got := [][]byte{nil}
		if n == 1 {
			_, got[0] = s.ask("POST", path, "", nil)
		} else {
			a, body := s.ask("POST", path+"&n=11", "", nil)
			p := parts(t, a, body)
			got = p["image"]
			about := as[sampled](t, p["report"][0])
			if about.Seed != "18446744073709551615" || len(about.Drawn) != 11 || about.Drawn[10] != (number{13, 2}) {
				t.Errorf("the report is %+v", about)
			}
		}
		if !slices.EqualFunc(got, want, bytes.Equal) {
			t.Errorf("%d samples are not those of the library", n)
		}
	}
}

// Events tell the way, in order, and hold what the answer without them does.
func TestEvents(t *testing.T) {
	s := start(t, nil)
	_, body := s.ask("POST", "/v1/models/tied/samples?n=10&steps=6&frames=3", "", nil, "Accept", "text/event-stream")
	events := told(t, body)
	s.conform(events, map[string]string{"queued": "Queued", "step": "Step", "frame": "Frame", "sample": "Drawn", "done": "Sampled"})
	_, form := s.ask("POST", "/v1/models/tied/samples?n=10&steps=6", "", nil)
	frames, samples := 0, 0
	for _, e := range events {
		switch e.name {
		case "frame":
			f := as[frame](t, []byte(e.data.(string)))
			if frames++; f.Of != 6 || f.Done%2 != 0 || len(f.Images) != map[int]int{0: 8, 8: 2}[f.First] {
				t.Errorf("a frame of step %d of %d with %d images from %d", f.Done, f.Of, len(f.Images), f.First)
			}
		case "sample":
			d := as[drawn](t, []byte(e.data.(string)))
			if d.Number != samples || !bytes.Contains(form, d.Image.Data) {
				t.Errorf("sample %d is another image, or out of order", d.Number)
			}
			samples++
		}
	}
	if frames != 6 || samples != 10 || events[0].name != "queued" || events[len(events)-1].name != "done" {
		t.Errorf("%d frames, %d samples, from %s to %s", frames, samples, events[0].name, events[len(events)-1].name)
	}

	_, body = s.ask("POST", "/v1/models/plain/orientations?steps=2", "image/png", asPNG(8, 8), "Accept", "text/event-stream")
	s.conform(told(t, body), map[string]string{"queued": "Queued", "step": "Step", "orientation": "Orientation", "done": "Comparison"})
	_, body = s.ask("POST", "/v1/models/plain/denoise?steps=2", "image/png", asPNG(8, 8), "Accept", "text/event-stream")
	events = told(t, body)
	s.conform(events, map[string]string{"queued": "Queued", "step": "Step", "image": "Picture", "done": "Denoised"})
	_, want := s.ask("POST", "/v1/models/plain/denoise?steps=2", "image/png", asPNG(8, 8))
	if p := as[picture](t, []byte(events[len(events)-2].data.(string))); !bytes.Equal(p.Data, want) {
		t.Error("the event's image is another")
	}
	_, body = s.ask("POST", "/v1/models/plain/denoise?start=7", "image/png", asPNG(8, 8), "Accept", "text/event-stream")
	events = told(t, body)
	if p := as[problem](t, []byte(events[len(events)-1].data.(string))); p.Status != 400 || !strings.Contains(p.Detail, "Start is 7") {
		t.Errorf("what is wrong is told as %+v", p)
	}
}

// A card says what the model is, and which other it is compared with.
func TestCards(t *testing.T) {
	s := start(t, nil)
	_, body := s.ask("GET", "/v1/models", "", nil)
	all := as[struct{ Models []card }](t, body).Models
	if len(all) != 4 || all[0].Counterpart != "plain" || all[1].Counterpart != "tied" || all[2].Counterpart != "" {
		t.Errorf("the cards are %+v", all)
	}
	_, body = s.ask("GET", "/v1/models/classes", "", nil)
	c := as[card](t, body)
	if m := models()["classes"]; c.Parameters != m.Parameters() || c.Classes != 3 || strings.Join(c.ClassNames, " ") != "none few most" || c.Group != "C4" || strings.Join(c.Elements, " ") != "e r r2 r3" ||
		c.Limits.Seconds != 60 || len(c.Solvers) != len(solverNames()) {
		t.Errorf("the card is %+v", c)
	}
}

// A model whose weights can be used otherwise is compared with itself.
func TestCounterparts(t *testing.T) {
	all, err := load([]string{"a=" + modelFile(t, "plain")})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 2 || all[0].counterpart != "a.oc" || all[1].name != "a.oc" || all[1].counterpart != "a" || !all[1].Config().Method.Exact() {
		t.Errorf("%+v", all)
	}
	path := modelFile(t, "tied")
	if all, err = load([]string{path}); err != nil || len(all) != 1 || all[0].counterpart != "" || all[0].name == "model" {
		t.Errorf("%+v, %v", all, err)
	}
	for _, bad := range [][]string{{"a b=" + path}, {"a=" + path, "a=" + path}, {"../x=" + path}} {
		if _, err := load(bad); err == nil {
			t.Errorf("%v are names", bad)
		}
	}
}

// The pieces of the page come with their types, and with headers that keep others out.
func TestPage(t *testing.T) {
	s := start(t, nil)
	for path, kind := range map[string]string{"/": "text/html", "/app.js": "text/javascript", "/style.css": "text/css", "/openapi.yaml": "application/yaml"} {
		a, body := s.ask("GET", path, "", nil)
		if a.StatusCode != 200 || !strings.HasPrefix(a.Header.Get("Content-Type"), kind) || len(body) == 0 {
			t.Errorf("%s: %s, %s", path, a.Status, a.Header.Get("Content-Type"))
		}
		if csp := a.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: the policy is %q", path, csp)
		}
		if a.Header.Get("Access-Control-Allow-Origin") != "" || a.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: the headers are %v", path, a.Header)
		}
		for _, other := range []string{"http://", "https://", "//cdn"} {
			if path != "/openapi.yaml" && strings.Contains(string(body), other) {
				t.Errorf("%s takes something from elsewhere: %s", path, other)
			}
		}
	}
	if a, _ := s.ask("GET", "/page/app.js", "", nil); a.StatusCode != http.StatusNotFound {
		t.Errorf("a path that there is not: %s", a.Status)
	}
}
