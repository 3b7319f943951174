package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// chromium starts one for all tests, which end closes; without one on this machine there is an error.
var chromium = sync.OnceValues(func() (ctx context.Context, err error) {
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "headless-shell"} {
		if path, err = exec.LookPath(name); err == nil {
			break
		}
	}
	if err != nil {
		return nil, err
	}
	ctx, endAll := chromedp.NewExecAllocator(context.Background(), append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox)...)
	ctx, endBrowser := chromedp.NewContext(ctx)
	closeChromium = func() { endBrowser(); endAll() }
	return ctx, chromedp.Do(ctx)
})

var closeChromium = func() {}

// browser opens the page of a service in a tab of its own, and notes what goes wrong in it and what it asks of others. The test
// is skipped, loudly, where there is no Chromium.
func (s *service) browser() context.Context {
	s.Helper()
	ctx, err := chromium()
	if ctx == nil {
		s.Skipf("SKIPPED: the page is not tested in a browser: %v (apt-get install chromium)", err)
	}
	if err != nil {
		s.Fatal(err)
	}
	ctx, end := chromedp.NewContext(ctx)
	s.Cleanup(end)
	ctx, end = context.WithTimeout(ctx, 2*time.Minute)
	s.Cleanup(end)
	err = chromedp.Listen(ctx, func(e any) {
		switch e := e.(type) {
		case *runtime.EventExceptionThrown:
			s.Errorf("the page fails: %+v", e.ExceptionDetails)
		case *network.EventRequestWillBeSent:
			if u := e.Request.URL; !strings.HasPrefix(u, s.URL) && !strings.HasPrefix(u, "data:") && !strings.HasPrefix(u, "blob:") {
				s.Errorf("the page asks for %s", u)
			}
		}
	})
	if err != nil {
		s.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); err != nil {
		s.Fatal(err)
	}
	s.do(ctx, chromedp.EmulateViewport(1100, 1400), chromedp.Navigate(s.URL))
	return ctx
}

func (s *service) do(ctx context.Context, actions ...chromedp.Action[chromedp.Void]) {
	s.Helper()
	if err := chromedp.Do(ctx, actions...); err != nil {
		s.Fatal(err)
	}
}

// value returns what an expression is on the page.
func value[T any](ctx context.Context, s *service, expression string) (v T) {
	s.Helper()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		s.Fatalf("%s: %v", expression, err)
	}
	return v
}

// shot writes what the page looks like into the folder that SPDIFF_SHOTS names, if it does.
func (s *service) shot(ctx context.Context, name string) {
	s.Helper()
	folder := os.Getenv("SPDIFF_SHOTS")
	if folder == "" {
		return
	}
	picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		s.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, name+".png"), picture, 0o644); err != nil {
		s.Error(err)
	}
}

// until waits for an expression to be true on the page.
func until(expression string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		for {
			if ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool](expression)); err != nil || ok {
				return err
			}
			select {
			case <-ctx.Done():
				return fmt.Errorf("%s: %w", expression, ctx.Err())
			case <-time.After(20 * time.Millisecond):
			}
		}
	})
}

// script runs one on the page.
func script(text string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Run(ctx, chromedp.Evaluate[bool](text+"; true"))
		return err
	})
}

const status = `document.getElementById("edit-status").textContent`

// pictureFile writes one.
func pictureFile(t *testing.T, h, w int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.png")
	if err := os.WriteFile(path, asPNG(h, w), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// An image is chosen and denoised in all orientations: with zeros everywhere for the exact model, and not for the plain one. It can be
// chosen again, and on paper nothing is cut off.
func TestPageDenoises(t *testing.T) {
	s := start(t, nil)
	ctx := s.browser()
	s.do(ctx, chromedp.WaitReady(`#model option`), chromedp.SetUploadFiles("#file", []string{pictureFile(t, 30, 40)}),
		until(status+`.includes("a.png")`), chromedp.Click("#edit-go"), until(status+`.includes("tied:")`), until(status+`.includes("plain:")`))
	if text := value[string](ctx, s, status); !strings.Contains(text, "tied: equal bits in all 8 orientations.") || !strings.Contains(text, "plain: differences up to") {
		t.Errorf("it says %q", text)
	}
	if n := value[int](ctx, s, `document.querySelectorAll("#tables td .good").length`); n != 8+1 {
		t.Errorf("%d differences are zero; 8 of the one model are, and the first of the other", n)
	}
	// What is black on the page is black.
	brightest := value[[]int](ctx, s, `[...document.querySelectorAll("#tables table")].map((t) => Math.max(...[...t.querySelectorAll("tbody tr:last-child img")].map((i) => {
		const c = document.createElement("canvas"); c.width = i.naturalWidth; c.height = i.naturalHeight;
		const g = c.getContext("2d"); g.drawImage(i, 0, 0);
		return Math.max(...g.getImageData(0, 0, c.width, c.height).data.filter((_, k) => k % 4 < 3)); })))`)
	if len(brightest) != 2 || brightest[0] != 0 || brightest[1] == 0 {
		t.Errorf("the brightest differences are %v", brightest)
	}
	if wide := value[[]int](ctx, s, `[document.getElementById("before").naturalWidth, document.getElementById("after").naturalWidth]`); wide[0] != 8 || wide[1] != 8 {
		t.Errorf("before and after are %v pixels wide", wide)
	}
	s.shot(ctx, "denoised")
	if left := value[string](ctx, s, `document.getElementById("file").value`); left != "" {
		t.Errorf("the field keeps %s, and is not changed when that is chosen again", left)
	}
	if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"}); err != nil {
		t.Fatal(err)
	}
	if cut := value[[]string](ctx, s, `[...document.querySelectorAll(".turns, .strip")].map((e) => getComputedStyle(e).overflowX)`); strings.Join(cut, " ") != "visible visible visible" {
		t.Errorf("on paper what is too wide is %v", cut)
	}
}

// What only the service can read goes as it is, and it is said that it was not scaled.
func TestPageSendsWhatItCannotRead(t *testing.T) {
	s := start(t, nil)
	ctx := s.browser()
	path := filepath.Join(t.TempDir(), "a.tiff")
	os.WriteFile(path, inKind(t, "TIFF", 1, false), 0o644)
	s.do(ctx, chromedp.WaitReady(`#model option`), chromedp.SetUploadFiles("#file", []string{path}), until(status+`.includes("a.tiff")`),
		chromedp.Click("#edit-go"), until(status+`.includes("plain:")`))
	if text := value[string](ctx, s, status); !strings.Contains(text, "neither cut out nor scaled") {
		t.Errorf("it says %q", text)
	}
}

// An image in colours that is smaller than the network is denoised as it is, and what was clipped is said, where something was.
func TestPageSaysWhatIsClipped(t *testing.T) {
	s := start(t, nil)
	ctx := s.browser()
	s.do(ctx, chromedp.WaitReady(`#model option`), chromedp.SetUploadFiles("#file", []string{pictureFile(t, 6, 7)}), until(status+`.includes("a.png")`),
		chromedp.Click("#fit"), chromedp.Click("#edit-go"), until(status+`.includes("plain:")`))
	tables, clips := value[[]string](ctx, s, `[...document.querySelectorAll("#tables > div")].map((d) => d.textContent)`), map[bool]int{}
	for i, model := range []string{"tied", "plain"} {
		_, body := s.ask("POST", "/v1/models/"+model+"/orientations?steps=20", "image/png", asPNG(6, 7))
		c := as[comparison](t, body).Clipped
		clips[c.First != nil]++
		want := fmt.Sprintf("%d of the 126 numbers of the result are at black or white, where the image’s were not: %d at black, %d at white, the first in row ", c.Black+c.White, c.Black, c.White)
		if strings.Contains(tables[i], want) != (c.First != nil) || strings.Contains(tables[i], "where the image’s were not") != (c.First != nil) {
			t.Errorf("%s has clipped %+v; the page says %q", model, c, tables[i])
		}
	}
	if clips[true] != 1 || clips[false] != 1 {
		t.Errorf("both clip, or neither does, and that the page says which is not tried: %v", clips)
	}
	if wide := value[[]int](ctx, s, `[document.getElementById("before").naturalWidth, document.getElementById("after").naturalHeight]`); wide[0] != 7 || wide[1] != 6 {
		t.Errorf("it is %v pixels", wide)
	}
	s.shot(ctx, "clipped")
}

// Only where the model's card says so can what is drawn be guided, and it is. Where it cannot, the field that is not seen keeps nothing
// from being drawn.
func TestPageGuides(t *testing.T) {
	s := start(t, nil)
	ctx := s.browser()
	const seen = `document.querySelector("#guidance").checkVisibility()`
	s.do(ctx, chromedp.WaitReady(`#model option`), until("!"+seen), chromedp.SetValue("#model", "classes"),
		script(`document.getElementById("model").dispatchEvent(new Event("change"))`), until(seen),
		chromedp.SetValue("#n", "1"), chromedp.SetValue("#class", "2"), chromedp.SetValue("#guidance", "2.5"), chromedp.Click("#sample-go"),
		until(`document.getElementById("sample-status").textContent === "1 image of seed 1."`))
	_, want := s.ask("POST", "/v1/models/classes/samples?class=2&guidance=2.5", "", nil)
	src := value[string](ctx, s, `document.querySelector("#sample-0 img").src`)
	if got, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(src, "data:image/png;base64,")); string(got) != string(want) {
		t.Error("the page shows another image than the service draws so")
	}
	s.shot(ctx, "guided")
	s.do(ctx, chromedp.SetValue("#guidance", "-1"), chromedp.Click("#sample-go"), until(`document.querySelector("#sample-0 img")?.alt === "Image 0"`))
	s.do(ctx, chromedp.SetValue("#guidance", ""), chromedp.SetValue("#model", "tied"),
		script(`document.getElementById("model").dispatchEvent(new Event("change"))`), until("!"+seen), chromedp.Click("#sample-go"),
		until(`document.getElementById("sample-status").textContent === "1 image of seed 1."`))
}

// How much is made anew is a time that the model's card says, whatever its schedule.
func TestPageMakesAnew(t *testing.T) {
	s := start(t, nil)
	ctx := s.browser()
	s.do(ctx, chromedp.WaitReady(`#model option`), chromedp.SetUploadFiles("#file", []string{pictureFile(t, 8, 8)}), until(status+`.includes("a.png")`))
	z := startsOf(models()["tied"].Config().Process())
	for word, start := range map[string]float64{"little": z.Little, "some": z.Some, "much": z.Much} {
		s.do(ctx, script(status+` = ""`), chromedp.SetValue("#start", word), chromedp.Click("#edit-go"), until(status+`.includes("plain:")`))
		_, body := s.ask("POST", fmt.Sprintf("/v1/models/tied/orientations?steps=20&start=%v", start), "image/png", asPNG(8, 8))
		src := value[string](ctx, s, `document.getElementById("after").src`)
		if got, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(src, "data:image/png;base64,")); string(got) != string(as[comparison](t, body).Orientations[0].Denoised.Data) {
			t.Errorf("%s is not what starts at %v", word, start)
		}
	}
}

// Images that were being drawn when they were stopped are not said to be drawn any more.
func TestPageStopsDrawing(t *testing.T) {
	g := newGate()
	s := start(t, func(s *server) { s.stepped = g.stepped })
	ctx := s.browser()
	s.do(ctx, chromedp.WaitReady(`#model option`), chromedp.SetValue("#n", "2"), chromedp.SetValue("#steps", "12"), chromedp.Click("#sample-go"))
	<-g.reached
	g.pass <- struct{}{}
	at := <-g.reached
	s.do(ctx, until(`document.querySelectorAll("#samples img[src]").length === 2`), chromedp.Click("#sample-stop"),
		until(`document.getElementById("sample-status").textContent === "Stopped."`))
	s.isLeft(at)
	close(g.pass)
	if alts := value[[]string](ctx, s, `[...document.querySelectorAll("#samples img")].map((i) => i.alt)`); strings.Join(alts, "; ") != "Image 0, not drawn to its end; Image 1, not drawn to its end" {
		t.Errorf("they are called %q", alts)
	}
}

// What a request may have is said in numbers that are read.
func TestPageSaysLimits(t *testing.T) {
	s := start(t, func(s *server) { s.limits.bytes = 128 << 20 })
	ctx := s.browser()
	s.do(ctx, chromedp.WaitReady(`#model option`))
	if text := value[string](ctx, s, `document.getElementById("figures").textContent`); !strings.Contains(text, "262,144 pixels in 134,217,728 bytes, 64 samples") {
		t.Errorf("it says %q", text)
	}
}

// The steps that the page proposes are such as the service takes.
func TestPageProposesWhatMayBe(t *testing.T) {
	s := start(t, func(s *server) { s.limits.steps = 10 })
	ctx := s.browser()
	s.do(ctx, chromedp.WaitReady(`#model option`), until(`["steps", "edit-steps"].every((id) => document.getElementById(id).max === "10")`))
	if v := value[[]string](ctx, s, `["steps", "edit-steps"].map((id) => document.getElementById(id).value)`); v[0] != "10" || v[1] != "10" {
		t.Errorf("it proposes %v steps of at most 10", v)
	}
}

// The slider works by keyboard, and shows as much of the image as it says.
func TestPageByKeyboard(t *testing.T) {
	s := start(t, nil)
	ctx := s.browser()
	s.do(ctx, chromedp.WaitReady(`#model option`), chromedp.SetUploadFiles("#file", []string{pictureFile(t, 8, 8)}), until(status+`.includes("a.png")`),
		chromedp.Focus("#edit-seed"), chromedp.KeyEvent(kb.Enter), until(status+`.includes("plain:")`),
		chromedp.Focus("#split"), chromedp.KeyEvent(kb.Home))
	if clip := value[string](ctx, s, `getComputedStyle(document.getElementById("after")).clipPath`); !strings.Contains(clip, "100%") {
		t.Errorf("at one end %s is cut off", clip)
	}
	s.do(ctx, chromedp.KeyEvent(kb.End))
	if clip := value[string](ctx, s, `getComputedStyle(document.getElementById("after")).clipPath`); !strings.Contains(clip, "0%") || strings.Contains(clip, "100%") {
		t.Errorf("at the other end %s is cut off", clip)
	}
	// Everything that can be done is reached by the tabulator, and seen to be.
	s.do(ctx, script(`document.body.focus(); document.activeElement.blur()`))
	seen := map[string]bool{}
	for range 40 {
		s.do(ctx, chromedp.KeyEvent(kb.Tab))
		seen[value[string](ctx, s, `document.activeElement.id || document.activeElement.textContent`)] = true
	}
	for _, id := range []string{"To the content", "model", "file", "lend", "fit", "degrade", "start", "edit-steps", "edit-seed", "edit-go", "split", "n", "seed", "steps", "solver", "sample-go"} {
		if !seen[id] {
			t.Errorf("the tabulator does not reach %s", id)
		}
	}
}

// Samples appear as they are drawn, those that the service draws for others too, and each has its way from noise. Comments among the
// events are skipped, and which image is chosen is said to browsers that know it as an attribute alone.
func TestPageDraws(t *testing.T) {
	s := start(t, func(s *server) { s.limits.beat = time.Millisecond })
	ctx := s.browser()
	s.do(ctx, chromedp.WaitReady(`#model option`), script(`delete Element.prototype.ariaPressed`), chromedp.SetValue("#model", "classes"), script(`document.getElementById("model").dispatchEvent(new Event("change"))`),
		chromedp.SetValue("#n", "10"), chromedp.SetValue("#seed", "7"), chromedp.SetValue("#class", "2"), chromedp.Click("#sample-go"),
		until(`document.getElementById("sample-status").textContent === "10 images of seed 7."`), chromedp.Click("#sample-9"), chromedp.WaitVisible("#way"))
	_, want := s.ask("POST", "/v1/models/classes/samples?first=9&seed=7&class=2", "", nil)
	src := value[string](ctx, s, `document.querySelector("#sample-9 img").src`)
	if got, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(src, "data:image/png;base64,")); string(got) != string(want) {
		t.Error("the page shows another image 9 of the seed")
	}
	if alt := value[string](ctx, s, `document.querySelector("#sample-9 img").alt`); alt != "Image 9, class most" {
		t.Errorf("it is called %q", alt)
	}
	if n := value[int](ctx, s, `document.querySelectorAll("#strip img").length`); n != 12 {
		t.Errorf("its way has %d pictures", n)
	}
	if n := value[int](ctx, s, `document.querySelectorAll("#samples img[src]").length`); n != 10 {
		t.Errorf("%d images are shown", n)
	}
	s.do(ctx, chromedp.Click("#sample-8"))
	if pressed := value[[]string](ctx, s, `[8, 9].map((k) => String(document.getElementById("sample-" + k).getAttribute("aria-pressed")))`); strings.Join(pressed, " ") != "true false" {
		t.Errorf("of images 8, which is chosen, and 9 it is said %v", pressed)
	}
	if value[bool](ctx, s, `document.getElementById("old").checkVisibility()`) {
		t.Error("it says that it does not work here")
	}
	s.shot(ctx, "drawn")
}

// What is wrong is said where it is seen and heard, also by a proxy that knows no reasons, and by a connection that breaks; what is too
// large is not sent, nor read before that is known.
func TestPageSaysWhatIsWrong(t *testing.T) {
	s := start(t, func(s *server) { s.limits.bytes = 300 })
	ctx := s.browser()
	path := filepath.Join(t.TempDir(), "b.png")
	os.WriteFile(path, []byte("not an image"), 0o644)
	s.do(ctx, chromedp.WaitReady(`#model option`), chromedp.Click("#edit-go"), until(status+`.includes("Choose an image first")`),
		chromedp.SetUploadFiles("#file", []string{path}), until(status+`.includes("b.png")`), chromedp.Click("#edit-go"), until(status+`.includes("none of the pictures")`))
	if role := value[string](ctx, s, `document.getElementById("edit-status").getAttribute("role")`); role != "status" {
		t.Errorf("it is said as %q", role)
	}
	s.do(ctx, chromedp.Click("#fit"), chromedp.SetUploadFiles("#file", []string{pictureFile(t, 30, 40)}), until(status+`.includes("a.png")`),
		chromedp.Click("#edit-go"), until(status+`.includes("at most 300")`), chromedp.SetUploadFiles("#file", []string{path}), until(status+`.includes("b.png")`))
	for answer, says := range map[string]string{
		`new Response("<h1>too large</h1>", { status: 413 })`:                                 "The service answered 413.",
		`new Response(new ReadableStream({ start: (c) => c.error(new TypeError("reset")) }))`: "The connection broke before the answer was there. Ask again.",
	} {
		s.do(ctx, script(`window.fetch = async () => `+answer), chromedp.Click("#edit-go"), until(status+` === "`+says+`"`))
	}
	large := filepath.Join(t.TempDir(), "c.png")
	os.WriteFile(large, make([]byte, 301), 0o644)
	s.do(ctx, script(`Blob.prototype.arrayBuffer = async () => { throw new Error("it is read"); }`), chromedp.SetUploadFiles("#file", []string{large}), until(status+`.includes("c.png")`))
	for range 2 {
		s.do(ctx, chromedp.Click("#edit-go"), until(status+`.includes("at most 300")`), script(status+` = ""`), chromedp.Click("#fit"))
	}
}

// With a token the page asks for it, again if it is wrong or none at all, and works with it.
func TestPageWithToken(t *testing.T) {
	s := start(t, func(s *server) { s.token = "0123456789abcdef" })
	ctx := s.browser()
	s.do(ctx, chromedp.WaitVisible("#login"), chromedp.SendKeys("#token", "wrong"+kb.Enter), chromedp.WaitVisible("#trouble"))
	s.shot(ctx, "token")
	s.do(ctx, script(`document.getElementById("token").value = "пароль"; document.getElementById("login").requestSubmit()`),
		until(`document.getElementById("trouble").textContent.includes("ASCII")`), chromedp.WaitVisible("#login"))
	s.do(ctx, script(`document.getElementById("token").value = ""`), chromedp.SendKeys("#token", "0123456789abcdef"+kb.Enter), chromedp.WaitVisible("#edit-go"),
		chromedp.Click("#sample-go"), until(`document.getElementById("sample-status").textContent.includes("16 images")`))
}

// Every part of the page has a name that a screen reader says, and text that is told from what is behind it (WCAG AA), by day and by
// night, on a screen and on a phone.
func TestPageCanBeRead(t *testing.T) {
	s := start(t, nil)
	ctx := s.browser()
	for _, scheme := range []string{"light", "dark"} {
		for name, width := range map[string]int64{"wide": 1100, "phone": 360} {
			if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
				Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}); err != nil {
				t.Fatal(err)
			}
			s.do(ctx, chromedp.EmulateViewport(width, 900), chromedp.Navigate(s.URL), chromedp.WaitReady(`#model option`),
				chromedp.Click("#lend"), until(status+`.includes("has drawn")`), chromedp.Click("#edit-go"), until(status+`.includes("plain:")`),
				chromedp.Click("#sample-go"), until(`document.getElementById("sample-status").textContent.includes("16 images")`))
			if faults := value[[]string](ctx, s, readable); len(faults) > 0 {
				t.Errorf("%s, %s: %s", scheme, name, strings.Join(faults, "; "))
			}
			s.shot(ctx, fmt.Sprintf("%s-%s", scheme, name))
		}
	}
}

// readable finds what cannot be read: controls and images without names, faint text, and what is wider than the screen.
const readable = `(() => {
	const faults = [];
	const seen = (e) => e.checkVisibility() && getComputedStyle(e).opacity > 0;
	for (const e of document.querySelectorAll("input, select, button")) {
		if (seen(e) && !(e.ariaLabel || e.labels?.length || e.textContent.trim() || e.querySelector("img[alt]"))) faults.push("no name: " + e.outerHTML.slice(0, 80));
	}
	for (const e of document.querySelectorAll("img")) if (seen(e) && !e.alt) faults.push("no text: " + e.id);
	const rgb = (c) => c.match(/[\d.]+/g).map(Number);
	const light = (c) => { const [r, g, b] = c.map((v) => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
	const behind = (e) => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor); if (c.length === 3 || c[3] > 0) return c.slice(0, 3); } return [255, 255, 255]; };
	for (const e of document.querySelectorAll("body *")) {
		if (!seen(e) || ![...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()) || ["SCRIPT", "OPTION", "NOSCRIPT"].includes(e.tagName)) continue;
		const a = light(rgb(getComputedStyle(e).color).slice(0, 3)), b = light(behind(e));
		const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
		if (contrast < 4.5) faults.push("faint (" + contrast.toFixed(1) + "): " + e.textContent.trim().slice(0, 40));
	}
	if (document.documentElement.scrollWidth > innerWidth) faults.push("wider than the screen: " + document.documentElement.scrollWidth);
	return faults;
})()`

// drop lets a file fall on the page, as from a desktop.
const drop = `(() => { const d = new DataTransfer(); d.items.add(new File([Uint8Array.from(atob(%q), (c) => c.charCodeAt(0))], "dropped.png", { type: "image/png" }));
	document.getElementById("drop").dispatchEvent(new DragEvent("drop", { dataTransfer: d, bubbles: true, cancelable: true })); })()`

// A file that is dropped is taken, and where it falls beside the field it is not opened; the work can be stopped.
func TestPageTakesDrops(t *testing.T) {
	g := newGate()
	s := start(t, func(s *server) { s.stepped = g.stepped })
	ctx := s.browser()
	s.do(ctx, chromedp.WaitReady(`#model option`), script(fmt.Sprintf(drop, base64.StdEncoding.EncodeToString(asPNG(8, 8)))),
		until(status+`.includes("dropped.png")`), chromedp.Click("#edit-go"))
	at := <-g.reached
	s.do(ctx, chromedp.Click("#edit-stop"), until(status+`=== "Stopped."`))
	s.isLeft(at)
	close(g.pass)
	if !value[bool](ctx, s, `["dragover", "drop"].every((name) => !document.body.dispatchEvent(new DragEvent(name, { bubbles: true, cancelable: true })))`) {
		t.Error("what falls beside the field is opened in the place of the page")
	}
}

// dropped lets the same image fall on the page.
func dropped() chromedp.Action[chromedp.Void] {
	return script(fmt.Sprintf(drop, base64.StdEncoding.EncodeToString(asPNG(8, 8))))
}

// An image that is chosen while another is denoised stops that, and afterwards takes its result away.
func TestPageLeavesTheImageBefore(t *testing.T) {
	g := newGate()
	s := start(t, func(s *server) { s.stepped = g.stepped })
	ctx := s.browser()
	s.do(ctx, chromedp.WaitReady(`#model option`), dropped(), chromedp.Click("#edit-go"))
	at := <-g.reached
	s.do(ctx, dropped())
	s.isLeft(at)
	close(g.pass)
	if text := value[string](ctx, s, status); text != "dropped.png is chosen." {
		t.Errorf("it says %q", text)
	}
	const seen = `document.getElementById("result").checkVisibility()`
	s.do(ctx, chromedp.Click("#edit-go"), until(status+`.includes("plain:")`), until(seen), dropped())
	if value[bool](ctx, s, seen) {
		t.Error("the result of another image is beneath it")
	}
}

// A file that has changed on the disk since it was chosen is not sent, fitted or as it is, and it is said why; chosen again it is.
func TestPageSaysThatAFileHasChanged(t *testing.T) {
	s := start(t, nil)
	ctx := s.browser()
	path, before := pictureFile(t, 30, 40), time.Now().Add(-time.Hour)
	choose := func() {
		t.Helper()
		s.do(ctx, chromedp.WaitReady(`#model option`), chromedp.SetUploadFiles("#file", []string{path}), until(status+`.includes("a.png is chosen")`))
	}
	choose()
	if err := errors.Join(os.WriteFile(path, asPNG(8, 8), 0o644), os.Chtimes(path, before, before)); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		s.do(ctx, chromedp.Click("#edit-go"), until(status+`.startsWith("a.png cannot be read: it has changed since it was chosen, is a folder, or is too large")`),
			script(status+` = ""`), chromedp.Click("#fit"))
	}
	choose()
	s.do(ctx, chromedp.Click("#edit-go"), until(status+`.includes("plain:")`))
}

// What only browsers without modules need to be told is not seen at first, where motion is not wanted either.
func TestPageIsNotOldAtFirst(t *testing.T) {
	s := start(t, nil)
	ctx := s.browser()
	for _, motion := range []string{"no-preference", "reduce"} {
		if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-reduced-motion", Value: motion}}}); err != nil {
			t.Fatal(err)
		}
		s.do(ctx, chromedp.Navigate(s.URL), chromedp.WaitReady(`#model option`))
		seen := value[[]string](ctx, s, `(() => { const old = document.getElementById("old"); old.hidden = false; const late = old.getAnimations()[0];
			return [0, 2900, 3100].map((t) => { late.currentTime = t; return getComputedStyle(old).visibility; }); })()`)
		if got := strings.Join(seen, " "); got != "hidden hidden visible" {
			t.Errorf("motion %s: at first, before 3 s and after them it is %s", motion, got)
		}
	}
}

// isLeft waits until the work of a request is left by its client; that its time is over is not that.
func (s *service) isLeft(at context.Context) {
	s.Helper()
	<-at.Done()
	if errors.Is(context.Cause(at), errSlow) {
		s.Error("the work goes on when nobody wants it")
	}
}

// An image that the model draws is taken when it is there, also where it was to be denoised before.
func TestPageWaitsForWhatIsDrawn(t *testing.T) {
	g := newGate()
	s := start(t, func(s *server) { s.stepped = g.stepped })
	ctx := s.browser()
	s.do(ctx, chromedp.WaitReady(`#model option`), chromedp.Click("#lend"))
	<-g.reached
	s.do(ctx, chromedp.Click("#edit-go"), until(status+`.includes("The model still draws")`))
	close(g.pass)
	s.do(ctx, until(status+`.includes("has drawn")`), chromedp.Click("#edit-go"), until(status+`.includes("plain:")`))
}

// An image that the model draws is damaged, and the next of one's own is not. It is not taken where another was chosen meanwhile, and no
// longer drawn.
func TestPageLends(t *testing.T) {
	g := newGate()
	s := start(t, func(s *server) { s.stepped = g.stepped })
	ctx := s.browser()
	const busy = `document.getElementById("lend").disabled`
	says := func(text, damage string) {
		t.Helper()
		got := value[[]string](ctx, s, `[`+status+`, document.getElementById("degrade").value]`)
		if !strings.Contains(got[0], text) || got[1] != damage {
			t.Errorf("it says %q, and the damage is %s; want %q, %s", got[0], got[1], text, damage)
		}
	}
	s.do(ctx, chromedp.WaitReady(`#model option`), chromedp.Click("#lend"))
	at := <-g.reached
	s.do(ctx, until(busy), dropped())
	s.isLeft(at)
	close(g.pass)
	s.do(ctx, until("!"+busy))
	says("dropped.png is chosen", "1")
	s.do(ctx, chromedp.Click("#lend"), until(status+`.includes("has drawn")`))
	says("has drawn", "4")
	s.do(ctx, dropped())
	says("dropped.png is chosen", "1")
}
