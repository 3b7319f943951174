package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"math"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"spdiff"
	"spdiff/cmd/internal/fit"
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

// asGrey returns a grey PNG, and asText one of black and white alone.
func asGrey(h, w int) []byte {
	pic := image.NewGray(image.Rect(0, 0, w, h))
	draw.Draw(pic, pic.Bounds(), picturePixels(h, w), image.Point{}, draw.Src)
	return encoded(pic)
}

func asText(h, w int) []byte {
	pic := image.NewGray(image.Rect(0, 0, w, h))
	for i := range pic.Pix {
		pic.Pix[i] = uint8(min(i%5, 1) * 255)
	}
	return encoded(pic)
}

func encoded(pic image.Image) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, pic); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// What is answered is what is made of the image as it came, of any size, in its own format and colours, whether it is the body or in
// a form; and what was clipped is counted.
func TestDenoise(t *testing.T) {
	s, all := start(t, nil), 0
	for _, c := range []struct {
		model, kind string
		picture     []byte
	}{
		{"tied", "image/png", asPNG(8, 8)}, {"colour", "image/jpeg", asJPEG(8, 11)}, {"plain", "application/octet-stream", asPNG(12, 9)},
		{"tied", "image/png", asGrey(8, 9)}, {"tied", "image/png", asPNG(5, 5)}, {"colour", "image/png", asGrey(3, 12)}, {"tied", "image/png", asGrey(1, 1)}, {"tied", "image/png", asText(17, 19)},
	} {
		m, before := models()[c.model], numbers(t, c.picture)
		z, _, err := fit.Denoise(context.Background(), m, spdiff.Degrade(before, 2), spdiff.Denoising{Start: 0.3, Reversal: spdiff.Reversal{Seed: 9, Steps: 3, Solver: sde.DPMSolver{Eta: 0}}})
		if err != nil {
			t.Fatal(err)
		}
		w, err := read(t.Context(), c.picture)
		if err != nil {
			t.Fatal(err)
		}
		want, err := rewritten(w, z)
		if err != nil {
			t.Fatal(err)
		}
		ends := endsOf(z.Data(), before.Data())
		all += ends[0] + ends[1]
		said := fmt.Sprintf("black=%d, white=%d, of=%d", ends[0], ends[1], len(z.Data()))
		a, body := s.ask("POST", "/v1/models/"+c.model+"/denoise?start=0.3&seed=9&steps=3&solver=dpm&deterministic=true&degrade=2", c.kind, c.picture)
		if a.StatusCode != 200 || a.Header.Get("Content-Type") != want.Type || !bytes.Equal(body, want.Data) {
			t.Errorf("%s: %s, %s, %.200s", c.model, a.Status, a.Header.Get("Content-Type"), body)
		}
		if h := a.Header.Get("Spdiff-Clipped"); h != said && !strings.HasPrefix(h, said+", row=") {
			t.Errorf("%s: the header says %q; it is %s", c.model, h, said)
		}
		if got := numbers(t, body).Shape(); !got.Equal(before.Shape()) {
			t.Errorf("%s: %v becomes %v", c.model, before.Shape(), got)
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
		if about := as[denoised](t, p["report"][0]); about.Model != c.model || about.Exact ||
			about.Clipped.header() != a.Header.Get("Spdiff-Clipped") || (about.Ties > 0) != (len(z.Data()) == 1) {
			t.Errorf("%s: the report is %+v", c.model, about)
		} else if f := about.Clipped.First; (f != nil) != (ends[0]+ends[1] > 0) || f != nil && clips(z.At(f.Row).At(f.Column).Data()[f.Channel]) != true {
			t.Errorf("%s: the first that is clipped is %+v", c.model, f)
		}
	}
	if all == 0 {
		t.Error("nothing is clipped, and that it is counted is not tried")
	}
}

// Exact is what turns with its image: by an exact method, without damage, and with no symmetry that noise cannot have.
func TestWhatIsExact(t *testing.T) {
	s := start(t, nil)
	for _, c := range []struct {
		model, degrade string
		side           int // an image of one pixel is its own mirror image
		exact          bool
	}{{"tied", "1", 8, true}, {"tied", "2", 8, false}, {"tied", "1", 1, false}, {"plain", "1", 8, false}, {"plain", "2", 8, false}} {
		form, kind := asForm(asPNG(c.side, c.side), "steps", "1", "degrade", c.degrade)
		a, body := s.ask("POST", "/v1/models/"+c.model+"/denoise", kind, form)
		if got := as[denoised](t, parts(t, a, body)["report"][0]).Exact; got != c.exact {
			t.Errorf("%+v: exact is %v", c, got)
		}
	}
}

// A picture of any format that is read may be sent as what it is.
func TestEveryFormat(t *testing.T) {
	s := start(t, nil)
	for kind, name := range map[string]string{"image/gif": "grey.gif", "image/webp": "lossless.webp", "image/bmp": "grey.bmp"} {
		file, err := os.ReadFile("../internal/picture/testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if a, body := s.ask("POST", "/v1/models/tied/denoise?steps=1", kind, file); a.StatusCode != 200 || a.Header.Get("Content-Type") != typePNG {
			t.Errorf("%s: %s, %s, %.200s", kind, a.Status, a.Header.Get("Content-Type"), body)
		}
	}
}

func clips(v float32) bool { return v <= -1 || v >= 1 }

// endsOf counts what was brought to black and to white.
func endsOf(x, before []float32) (n [2]int) {
	for i, v := range x {
		if clips(v) && v != before[i] {
			n[int(v+1)/2]++
		}
	}
	return n
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

// What comes is what goes, but for the pixels: format, depth, channels, orientation, alpha and what the file says, whatever channels the
// model has.
func TestAnswersInKind(t *testing.T) {
	s := start(t, nil)
	for _, c := range []struct {
		format   string
		channels int
		alpha    bool
	}{{"PNG", 1, false}, {"PNG", 3, true}, {"TIFF", 3, true}, {"TIFF", 1, false}, {"JPEG", 3, false}} {
		file := inKind(t, c.format, c.channels, c.alpha)
		for _, model := range []string{"tied", "colour"} {
			a, body := s.ask("POST", "/v1/models/"+model+"/denoise?steps=2", types[c.format], file)
			if a.StatusCode != 200 || a.Header.Get("Content-Type") != types[c.format] {
				t.Fatalf("%+v: %s, %s, %.200s", c, a.Status, a.Header.Get("Content-Type"), body)
			}
			before, err := read(t.Context(), file)
			if err != nil {
				t.Fatal(err)
			}
			after, err := read(t.Context(), body)
			if err != nil {
				t.Fatal(err)
			}
			if after.Header != before.Header || before.Turned != (c.format != "TIFF") || (before.Depth == 16) != (c.format != "JPEG") || after.C != c.channels ||
				!slices.Equal(after.Alpha, before.Alpha) || (after.Alpha != nil) != c.alpha || slices.Equal(after.Pix, before.Pix) {
				t.Errorf("%+v by %s: %+v becomes %+v", c, model, before.Header, after.Header)
			}
			if !bytes.Equal(after.About.EXIF, before.About.EXIF) || after.About.X != before.About.X || before.About.X == 0 ||
				string(after.About.Profile()) != "a profile" {
				t.Errorf("%+v by %s: the file says %+v, and said %+v", c, model, after.About, before.About)
			}
		}
	}
}

// withTag returns a TIFF with a tag that is not kept: of the place of a directory, EXIF or GPS, or of IPTC.
func withTag(t *testing.T, tag uint16) []byte {
	t.Helper()
	w, err := read(t.Context(), inKind(t, "TIFF", 1, false))
	if err != nil {
		t.Fatal(err)
	}
	w.About.Own = append(w.About.Own, pictures.Chunk{Tag: tag, Type: 4, Body: []byte{8, 0, 0, 0}})
	var b bytes.Buffer
	if err := w.Encode(&b, "TIFF"); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// What a file says and its answer does not is named, wherever the answer says how it was made; of all others nothing is.
func TestLeftIsSaid(t *testing.T) {
	s := start(t, nil)
	const path = "/v1/models/tied/denoise"
	for i, c := range []struct {
		file []byte
		want string
	}{{withTag(t, 34665), "exif"}, {withTag(t, 34853), "exif"}, {withTag(t, 33723), "tags"}, {inKind(t, "TIFF", 1, false), ""}, {inKind(t, "PNG", 1, false), ""}, {asGrey(8, 8), ""}} {
		says := func(how string, left []string) {
			if got := strings.Join(left, " "); got != c.want {
				t.Errorf("file %d: %s says that %q is left out; it is %q", i, how, got, c.want)
			}
		}
		a, _ := s.ask("POST", path+"?steps=1", "application/octet-stream", c.file)
		says("the header", a.Header.Values("Spdiff-Left"))
		form, kind := asForm(c.file, "steps", "1")
		a, body := s.ask("POST", path, kind, form)
		says("the header of a form", a.Header.Values("Spdiff-Left"))
		says("its report", as[denoised](t, parts(t, a, body)["report"][0]).Left)
		_, body = s.ask("POST", path+"?steps=1", "application/octet-stream", c.file, "Accept", "text/event-stream")
		events := told(t, body)
		last := events[len(events)-1]
		s.conform([]event{last}, map[string]string{"done": "Denoised"})
		says("the last event", as[denoised](t, []byte(last.data.(string))).Left)
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
		if c.Equal != exact || (c.Largest == 0) != exact || c.Exact || c.Group != "D4" || len(c.Orientations) != 8 {
			t.Errorf("%s: equal %v, largest %v, %s, %d orientations", model, c.Equal, c.Largest, c.Group, len(c.Orientations))
		}
		_, one := s.ask("POST", "/v1/models/"+model+"/denoise?steps=3&degrade=2", "image/png", asPNG(9, 9))
		if !slices.Equal(numbers(t, one).Data(), numbers(t, c.Orientations[0].Denoised.Data).Data()) {
			t.Errorf("%s: the first orientation is not the image as it is", model)
		}
		for _, o := range c.Orientations {
			loudest := float32(-1)
			for _, v := range numbers(t, o.Difference.Data).Data() {
				loudest = max(loudest, v)
			}
			if (loudest > -1) != (o.Largest*loud > 1/127.5) && math.Abs(o.Largest*loud-1/127.5) > 1/127.5 {
				t.Errorf("%s, %s: the difference is %v, and the brightest that is shown %v", model, o.Element, o.Largest, loudest)
			}
		}
	}
	for _, c := range []struct {
		picture []byte
		group   string
		n       int
	}{{asPNG(8, 13), "D2", 4}, {asGrey(8, 13), "D2", 4}, {asPNG(5, 5), "D4", 8}, {asPNG(3, 7), "D2", 4}, {asGrey(7, 7), "D4", 8}} {
		a, body := s.ask("POST", "/v1/models/tied/orientations?steps=2", "image/png", c.picture)
		z := as[comparison](t, body)
		if z.Group != c.group || len(z.Orientations) != c.n || !z.Equal || !z.Exact || z.Largest != 0 || z.Ties != 0 {
			t.Errorf("of %v there are %d orientations under %s, %v apart", numbers(t, c.picture).Shape(), len(z.Orientations), z.Group, z.Largest)
		}
		alone, _ := s.ask("POST", "/v1/models/tied/denoise?steps=2", "image/png", c.picture)
		if said := alone.Header.Get("Spdiff-Clipped"); said != z.Clipped.header() || said != a.Header.Get("Spdiff-Clipped") {
			t.Errorf("clipped is %s, and %+v", said, z.Clipped)
		}
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

// The same request has the same answer, byte for byte, also where it is a form.
func TestSameForm(t *testing.T) {
	s := start(t, nil)
	kinds, bodies := map[string]bool{}, map[string]bool{}
	for range 2 {
		a, body := s.ask("POST", "/v1/models/tied/samples?n=2&steps=1", "", nil)
		kinds[a.Header.Get("Content-Type")], bodies[string(body)] = true, true
	}
	if len(kinds) != 1 || len(bodies) != 1 {
		t.Errorf("two answers: %v", kinds)
	}
}

// Guidance is the library's, of samples and of images, which need no class where there is none.
func TestGuidance(t *testing.T) {
	s, m := start(t, nil), models()["classes"]
	for _, w := range []float64{-1, 0, 1.5} {
		drawn, err := m.Sample(t.Context(), spdiff.Sampling{Reversal: spdiff.Reversal{Seed: 1, Steps: 2, Classes: []int{2}, Guidance: w}})
		if err != nil {
			t.Fatal(err)
		}
		want, err := encode(drawn.At(0))
		if err != nil {
			t.Fatal(err)
		}
		a, body := s.ask("POST", fmt.Sprintf("/v1/models/classes/samples?steps=2&class=2&guidance=%v", w), "", nil)
		if a.StatusCode != 200 || !bytes.Equal(body, want.Data) {
			t.Errorf("guided by %v: %s, another image than the library's", w, a.Status)
		}
	}
	a, body := s.ask("POST", "/v1/models/classes/samples?n=2&steps=1&guidance=-1", "", nil)
	for _, d := range as[sampled](t, parts(t, a, body)["report"][0]).Drawn {
		if d.Class != -1 {
			t.Errorf("image %d, which is of no class, is said to be of class %d", d.Number, d.Class)
		}
	}
	seen := map[string]string{}
	for _, query := range []string{"guidance=-1", "class=2", "class=2&guidance=3"} {
		a, body := s.ask("POST", "/v1/models/classes/denoise?steps=2&"+query, "image/png", asPNG(8, 8))
		if other, ok := seen[string(body)]; a.StatusCode != 200 || ok {
			t.Errorf("%s: %s, as %s", query, a.Status, other)
		}
		seen[string(body)] = query
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
	s.conform(told(t, body), map[string]string{"queued": "Queued", "step": "Step", "orientation": "Orientation", "done": "Compared"})
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
	if m := models()["classes"]; c.Parameters != m.Parameters() || c.Classes != 3 || strings.Join(c.ClassNames, " ") != "none few most" || c.Group != "C4" || !c.Guidance || all[0].Guidance || strings.Join(c.Elements, " ") != "e r r2 r3" ||
		c.Limits.Seconds != 60 || c.Starts != startsOf(m.Config().Process()) || c.Trained.Seed != formatSeed(m.Config().Seed) || len(c.Solvers) != len(solverNames()) {
		t.Errorf("the card is %+v", c)
	}
}

// Of every schedule the starts are the times at which noise is a third of the image, as strong, and three times as strong.
func TestStarts(t *testing.T) {
	for _, schedule := range spdiff.Schedules() {
		p := schedule.Process()
		z := startsOf(p)
		if !(z.Little < z.Some && z.Some < z.Much) {
			t.Errorf("%v: %+v", schedule, z)
		}
		for at, level := range map[float64]float64{z.Little: 1. / 3, z.Some: 1, z.Much: 3} {
			if alpha, sigma := p.Marginal(at); math.Abs(sigma/alpha-level) > 1e-6 {
				t.Errorf("%v: at %v noise is %v of the image, want %v", schedule, at, sigma/alpha, level)
			}
		}
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
	long := strings.Repeat("a", 64) // of a name that is given: what is derived of it is longer
	if all, err = load([]string{long + "=" + modelFile(t, "plain")}); err != nil || len(all) != 2 || all[1].name != long+".oc" {
		t.Errorf("%+v, %v", all, err)
	}
	path := modelFile(t, "tied")
	if all, err = load([]string{path}); err != nil || len(all) != 1 || all[0].counterpart != "" || all[0].name == "model" {
		t.Errorf("%+v, %v", all, err)
	}
	for _, bad := range [][]string{{"a b=" + path}, {long + "a=" + path}, {"a=" + path, "a=" + path}, {"../x=" + path}} {
		if _, err := load(bad); err == nil {
			t.Errorf("%v are names", bad)
		}
	}
}

// The pieces of the page come with their types, and with headers that keep others out. A browser that runs none of it shows why.
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
	if _, body := s.ask("GET", "/", "", nil); !strings.Contains(string(body), `<p id="old" class="error">This page needs a browser with JavaScript modules.`) {
		t.Error("it is not said what the page needs")
	}
	if a, _ := s.ask("GET", "/page/app.js", "", nil); a.StatusCode != http.StatusNotFound {
		t.Errorf("a path that there is not: %s", a.Status)
	}
}
