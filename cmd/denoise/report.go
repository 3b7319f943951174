package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"image/png"
	"io"
	"math"

	"spdiff"
	"spdiff/cmd/internal/checksum"
	"spdiff/cmd/internal/dicom"
	"spdiff/cmd/internal/picture"
	"spdiff/tensor"
	"spdiff/tensor/atomicfile"
	"spdiff/tensor/metrics"
)

// A report is a page about one image, which holds its pictures: as one would attach to a protocol.
type report struct {
	Title    string
	Settings [][2]string
	Pictures []shownPicture
	Measures []measure
	Turned   [][2]string
	Sheet    template.URL
	Result   string
	Notes    []string
}

type shownPicture struct {
	Name string
	Data template.URL
	Wide int // how wide it is shown
}

// A measure is how near the image is to a clean one, before and after.
type measure struct{ Name, Before, After string }

var reportPage = template.Must(template.New("report").Parse(`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{{.Title}}</title>
<style>
body { font: 15px/1.5 sans-serif; color: #282c34; background: #fff; margin: 2em auto; max-width: 1100px; padding: 0 1em }
h1 { font-size: 1.4em; overflow-wrap: anywhere } h2 { font-size: 1.1em; margin-top: 2em }
table { border-collapse: collapse } td, th { padding: .2em 1.2em .2em 0; text-align: left; vertical-align: top; overflow-wrap: anywhere }
figure { display: inline-block; margin: 0 1.2em 1em 0; vertical-align: top } figcaption { color: #5a6170 }
img { image-rendering: pixelated; max-width: 100%; border: 1px solid #d8dce3 }
</style></head><body>
<h1>{{.Title}}</h1>
<table>{{range .Settings}}<tr><th>{{index . 0}}</th><td>{{index . 1}}</td></tr>
{{end}}</table>
<h2>Before, after, difference</h2>
{{range .Pictures}}<figure><img src="{{.Data}}" width="{{.Wide}}" alt="{{.Name}}"><figcaption>{{.Name}}</figcaption></figure>
{{end}}
{{if .Measures}}<h2>Against the clean image</h2>
<table><tr><th></th><th>before</th><th>after</th></tr>
{{range .Measures}}<tr><th>{{.Name}}</th><td>{{.Before}}</td><td>{{.After}}</td></tr>
{{end}}</table>{{end}}
<h2>Every orientation</h2>
<p>Turned, then denoised, against denoised, then turned: {{.Result}}.</p>
<table><tr><th>element</th><th>largest difference of a number in [&minus;1, 1]</th></tr>
{{range .Turned}}<tr><td>{{index . 0}}</td><td>{{index . 1}}</td></tr>
{{end}}</table>
<p><img src="{{.Sheet}}" alt="a column an orientation: turned, denoised, the difference"></p>
{{if .Notes}}<h2>Notes</h2><ul>{{range .Notes}}<li>{{.}}</li>{{end}}</ul>{{end}}
</body></html>
`))

// report writes the page about a file's first page.
func (w *work) report(p page, turned *orientations, notes []string) error {
	o := w.options
	said, err := w.settingsSaid(p)
	if err != nil {
		return err
	}
	r := &report{Title: "Denoised: " + o.in, Notes: notes, Result: turned.result(), Settings: said}
	if r.Pictures, err = pictures(p); err != nil {
		return err
	}
	if w.truth != nil {
		if r.Measures, err = measures(w.truth, p.before, p.stored); err != nil {
			return err
		}
	}
	for a, d := range turned.apart {
		r.Turned = append(r.Turned, [2]string{turned.group.ElementName(a), fmt.Sprintf("%.6g (%s)", d, verdict(d, turned.same[a]))})
	}
	var b bytes.Buffer
	if err := png.Encode(&b, turned.sheet.pic); err != nil {
		return err
	}
	r.Sheet = dataURL(b.Bytes())
	if err := atomicfile.Write(o.report, func(out io.Writer) error { return reportPage.Execute(out, r) }); err != nil {
		return err
	}
	fmt.Printf("made:    %s, a page to attach\n", o.report)
	return nil
}

// settingsSaid lists what a reader must know to make the image again.
func (w *work) settingsSaid(p page) ([][2]string, error) {
	o, c, s := w.options, w.model.Config(), p.before.Shape()
	before, err1 := checksum.Hash(o.in)
	after, err2 := checksum.Hash(o.out)
	said := [][2]string{
		{"image", fmt.Sprintf("%s, %s, %s, SHA-256 %s", o.in, picture.Size(s[0], s[1]), map[bool]string{true: "grey", false: "colours"}[s[2] == 1], before)},
		{"result", fmt.Sprintf("%s, SHA-256 %s", o.out, after)},
		{"model", fmt.Sprintf("%s (%v over %v), SHA-256 %s", o.model, c.Method, c.Group, w.hash)},
		{"settings", o.made(spdiff.DefaultPrecision)},
		{"precision", o.precision.Or(c.Precision).String()},
		{"program", "denoise of spdiff " + spdiff.Version},
	}
	if p.start != "" {
		said = append(said, [2]string{"start chosen", p.start})
	}
	return said, cmp.Or(err1, err2)
}

// clean reads the image without noise, which must be of the size and the channels of like, the numbers of in, and is in their scale.
func (w *work) clean(ctx context.Context, in input, like *tensor.Tensor) (*tensor.Tensor, error) {
	o := w.options
	clean, err := openFile(ctx, "-clean", o.clean, o)
	if err != nil {
		return nil, err
	}
	if err := o.scale(clean, in); err != nil {
		return nil, fmt.Errorf("-clean %s: %w", o.clean, err)
	}
	z, err := clean.page(ctx, 0)
	if err != nil {
		return nil, fmt.Errorf("-clean %s: %w", o.clean, err)
	}
	if !z.Shape().Equal(like.Shape()) {
		return nil, fmt.Errorf("-clean %s is %v (rows, columns, channels); the image is %v", o.clean, z.Shape(), like.Shape())
	}
	return z, nil
}

// errScale is of two files whose values mean different things.
var errScale = errors.New("its values are of another scale than those of -in, for one alone is DICOM, or their rescale slopes and intercepts differ; " +
	"name those that are -1 to 1 in both, as -values 0,4095")

// scale gives a clean file the span of the image, where -values has not named one for both: a DICOM file's own, its window say,
// may be another.
func (o *options) scale(clean, in input) error {
	c, cleanIs := clean.(*dicomInput)
	d, inIs := in.(*dicomInput)
	if cleanIs && inIs && lowIsBright(c.File) != lowIsBright(d.File) {
		return errors.New("it shows low values as bright and -in as dark, or the other way round (MONOCHROME1 and 2): convert one of them")
	}
	if _, _, named := o.levels(); named || !cleanIs && !inIs {
		return nil
	}
	if !cleanIs || !inIs || !sameUnits(c.File, d.File) {
		return errScale
	}
	c.span = d.span
	return nil
}

// lowIsBright reports whether the least value of a file is white.
func lowIsBright(f *dicom.File) bool { return f.Photometric == "MONOCHROME1" }

// sameUnits reports whether equal values of two files mean the same.
func sameUnits(a, b *dicom.File) bool {
	slopeA, interceptA, errA := a.Rescale()
	slopeB, interceptB, errB := b.Rescale()
	return errA == nil && errB == nil && slopeA == slopeB && interceptA == interceptB
}

// measures compares the image before and after with a clean one. The span of numbers is 2, from −1 to 1.
func measures(clean, before, after *tensor.Tensor) ([]measure, error) {
	s := clean.Shape()
	one := func(x *tensor.Tensor) *tensor.Tensor { return tensor.From(x.Data(), 1, s[0], s[1], s[2]) }
	both := func(f func(x, y *tensor.Tensor) ([]float64, error), format string) (texts [2]string, err error) {
		for i, x := range []*tensor.Tensor{before, after} {
			v, err := f(one(x), one(clean))
			if err != nil {
				return texts, err
			}
			texts[i] = fmt.Sprintf(format, v[0])
		}
		return texts, nil
	}
	p, err := both(func(x, y *tensor.Tensor) ([]float64, error) { return metrics.PSNR(x, y, 2) }, "%.2f dB")
	if err != nil {
		return nil, err
	}
	all := []measure{{"PSNR", p[0], p[1]}}
	const window = 7
	if s[0] < window || s[1] < window {
		return append(all, measure{"SSIM", "not defined below 7×7 pixels", ""}), nil
	}
	q, err := both(metrics.SSIM{Span: 2}.Of, "%.4f")
	return append(all, measure{"SSIM", q[0], q[1]}), err
}

// pictures returns the image before, after, and the difference: grey where there is none, and so much stronger as makes the largest
// black or white.
func pictures(p page) ([]shownPicture, error) {
	d, largest := tensor.New(p.before.Shape()...), 0.0
	for i, v := range p.stored.Data() {
		d.Data()[i] = v - p.before.Data()[i]
		largest = max(largest, math.Abs(float64(d.Data()[i])))
	}
	if largest > 0 {
		for i := range d.Data() {
			d.Data()[i] /= float32(largest)
		}
	}
	all := []shownPicture{{Name: "before"}, {Name: "after"}, {Name: fmt.Sprintf("after − before, black and white at ∓%.3g", largest)}}
	for i, x := range []*tensor.Tensor{p.before, p.stored, d} {
		b, err := pngOf(x)
		if err != nil {
			return nil, err
		}
		all[i].Data, all[i].Wide = dataURL(b), min(max(320, x.Shape()[1]), 1000)
	}
	return all, nil
}

// pngOf returns an image (H, W, C) of numbers in [−1, 1] as a PNG of 8 bits.
func pngOf(x *tensor.Tensor) ([]byte, error) {
	var b bytes.Buffer
	err := png.Encode(&b, spdiff.ToImage(x, 0))
	return b.Bytes(), err
}

func dataURL(file []byte) template.URL {
	return template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(file))
}
