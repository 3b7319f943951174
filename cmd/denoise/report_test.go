package main

import (
	"bytes"
	"errors"
	"image"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"spdiff"
	"spdiff/cmd/internal/checksum"
	"spdiff/cmd/internal/dicom"
	"spdiff/group"
	"spdiff/tensor"
)

// The report is one file without links, which says all settings, how near a clean image is, and every orientation.
func TestReport(t *testing.T) {
	m, in, clean := model(t, group.D4, spdiff.WT, 1, 0), file(t, "grey.png", 11, 11), file(t, "grey.png", 11, 11)
	out := filepath.Join(t.TempDir(), "a<b>.html")
	if err := do("-model", m, "-in", in, "-steps", "2", "-start", "auto", "-report", out, "-clean", clean); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	page := string(b)
	hash, err1 := checksum.Hash(m)
	before, err2 := checksum.Hash(in)
	after, err3 := checksum.Hash(strings.TrimSuffix(in, ".png") + "-denoised.png")
	if err := errors.Join(err1, err2, err3); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{hash, before, after, "solver ddim, start auto, steps 2, seed 1, class -1, degrade 1, values window, guidance 0", "start chosen", "PSNR", "&#43;Inf dB", "SSIM", "1.0000", "equal bits in all 8 orientations", "<td>sr3</td>", "the image&#39;s noise is"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q", want)
		}
	}
	for _, src := range regexp.MustCompile(`(src|href)="([^"]{0,30})`).FindAllStringSubmatch(page, -1) {
		if !strings.HasPrefix(src[2], "data:image/png;base64,") {
			t.Errorf("a link: %s", src[0])
		}
	}
	if n := strings.Count(page, "data:image/png;base64,"); n != 4 {
		t.Errorf("%d pictures", n)
	}
	for _, c := range [][]string{{file(t, "grey.png", 10, 11), "the image is"}, {file(t, "a.png", 11, 11), "the image is"}, {"none.png", "none.png"}} {
		err := do("-model", m, "-in", in, "-steps", "2", "-report", out, "-clean", c[0])
		if err == nil || !strings.Contains(err.Error(), c[1]) || !strings.Contains(err.Error(), "-clean") {
			t.Errorf("%v: %v", c, err)
		}
	}
}

// A clean DICOM file is measured by the values of the image and not by its own window; where its values mean other things, the error
// says what to give.
func TestCleanDICOM(t *testing.T) {
	const in = "../internal/dicom/testdata/explicit_u12.dcm"
	m, dir := model(t, group.C4, spdiff.WT, 1, 0), t.TempDir()
	text, err := os.ReadFile(in)
	if err != nil {
		t.Fatal(err)
	}
	changed := func(from, to string) string {
		b := bytes.Replace(text, []byte(from), []byte(to), 1)
		if bytes.Equal(b, text) {
			t.Fatalf("%s has no %q", in, from)
		}
		return saved(t, "clean.dcm", func(w io.Writer) error { _, err := w.Write(b); return err })
	}
	report := filepath.Join(dir, "a.html")
	measure := func(clean string, more ...string) error {
		return do(append([]string{"-model", m, "-in", in, "-out", filepath.Join(dir, "a.dcm"), "-steps", "2", "-report", report, "-clean", clean}, more...)...)
	}
	if err := measure(changed(`400\2000`, `900\2000`)); err != nil { // the windows' widths
		t.Fatal(err)
	}
	if page, err := os.ReadFile(report); err != nil || !strings.Contains(string(page), "&#43;Inf dB") {
		t.Errorf("equal values with another window are not equal (%v)", err)
	}
	if err := measure(changed("MONOCHROME2 ", "MONOCHROME1 ")); err == nil || !strings.Contains(err.Error(), "MONOCHROME1 and 2") {
		t.Errorf("a negative: %v", err)
	}
	for _, other := range []string{changed("2.5 ", "3.5 "), file(t, "grey.png", 5, 6)} { // the slope
		if err := measure(other); err == nil || !strings.Contains(err.Error(), "-values 0,4095") {
			t.Errorf("%s: %v", other, err)
		}
		if err := measure(other, "-values", "0,255"); err != nil {
			t.Errorf("%s: %v", other, err)
		}
	}
}

// A page shows and measures what the result's file is made of: padding and what lies outside of the window stayed, whatever the model made
// of them.
func TestReportIsOfTheFile(t *testing.T) {
	m := model(t, group.C4, spdiff.WT, 1, 0)
	for _, name := range []string{"padding_s12.dcm", "explicit_u12.dcm"} {
		in, dir := "../internal/dicom/testdata/"+name, t.TempDir()
		out, report := filepath.Join(dir, "a.dcm"), filepath.Join(dir, "a.html")
		if err := do("-model", m, "-in", in, "-out", out, "-steps", "2", "-report", report, "-clean", in); err != nil {
			t.Fatal(err)
		}
		page, err1 := os.ReadFile(report)
		before, err2 := dicom.Open(in)
		after, err3 := dicom.Open(out)
		if err := errors.Join(err1, err2, err3); err != nil {
			t.Fatal(err)
		}
		span, err := before.Shown(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var images []*tensor.Tensor
		for _, f := range []*dicom.File{before, after} {
			values, err := f.Frame(t.Context(), 0)
			if err != nil {
				t.Fatal(err)
			}
			x := tensor.New(f.Rows, f.Columns, 1)
			f.Numbers(x.Data(), values, span)
			images = append(images, x)
		}
		want, err := measures(images[0], images[0], images[1])
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(page), "<td>"+want[0].After+"</td>") {
			t.Errorf("%s: the page has not the PSNR of the file, %s", name, want[0].After)
		}
	}
}

// The measures are those of the formulas; small images have no SSIM.
func TestMeasures(t *testing.T) {
	clean, before, after := noisy(6, 9, 1, 0), noisy(6, 9, 1, 0), noisy(6, 9, 1, 0)
	for i := range before.Data() {
		before.Data()[i] += 0.2
		after.Data()[i] += 0.02
	}
	all, err := measures(clean, before, after)
	if err != nil || len(all) != 2 || all[0].Before != "20.00 dB" || all[0].After != "40.00 dB" || !strings.Contains(all[1].Before, "7×7") {
		t.Error(all, err)
	}
}

// The pictures of a page are the image's numbers in 8 bits, and the difference fills its range.
func TestPictures(t *testing.T) {
	x := noisy(8, 8, 3, 0.1)
	b, err := pngOf(x)
	if err != nil {
		t.Fatal(err)
	}
	pic, _, err := image.Decode(strings.NewReader(string(b)))
	if err != nil {
		t.Fatal(err)
	}
	r, _, _, _ := pic.At(3, 5).RGBA()
	if want := math.Floor((float64(x.Data()[(5*8+3)*3])+1)*127.5 + 0.5); float64(r>>8) != want {
		t.Errorf("%d, want %v", r>>8, want)
	}
	all, err := pictures(page{before: x, stored: noisy(8, 8, 3, 0.2)})
	if err != nil || len(all) != 3 || !strings.HasPrefix(all[2].Name, "after − before") {
		t.Error(all, err)
	}
}
