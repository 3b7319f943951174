package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"spdiff/cmd/internal/dicom"
	"spdiff/cmd/internal/packed"
	"spdiff/cmd/internal/picture"
	"spdiff/tensor"
	"spdiff/tensor/atomicfile"
)

// An input is a file of pages, each an image that is denoised, and all that is written beside them.
type input interface {
	pages() int
	page(ctx context.Context, i int) (*tensor.Tensor, error) // (H, W, C) with values in [−1, 1], C 1 or 3
	set(i int, before, z *tensor.Tensor) error               // page i is z now, that was before
	numbers(i int) *tensor.Tensor                            // of page i as it is now, once page has read it
	takes(format string) error                               // nil if it can be written so
	write(w io.Writer, format string, how derivation) error  // as one of the formats that writes names
	notes() []string                                         // what a person should know
}

// A derivation says how a file was made of another.
type derivation struct{ text, hash string }

// formats are those that are written, by the ends of names.
var formats = map[string]string{".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".tif": "TIFF", ".tiff": "TIFF", ".dcm": "DICOM"}

// format returns that of a name, "" where it is none that is written.
func format(path string) string { return formats[strings.ToLower(filepath.Ext(path))] }

// open reads a file that has a name in messages; page is that of a TIFF which is taken as the first.
func open(ctx context.Context, r io.ReaderAt, size int64, page int, o *options) (input, error) {
	if isDICOM(r) {
		return openDICOM(ctx, r, size, o)
	}
	if page > 0 {
		var err error
		if r, err = picture.Page(r, page); err != nil {
			return nil, err
		}
	}
	w, err := picture.ReadWhole(ctx, r, size)
	if err != nil {
		return nil, err
	}
	s, err := spanOf(w, o)
	return &pictureInput{Whole: w, span: s, paged: page >= 0}, err
}

// openFile opens the file at a path.
func openFile(ctx context.Context, flag, path string, o *options) (input, error) {
	f, size, err := atomicfile.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", flag, packed.Clean(err))
	}
	defer f.Close()
	in, err := open(ctx, f, size, -1, o)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", flag, packed.Printable(path), packed.Clean(err))
	}
	return in, nil
}

func isDICOM(r io.ReaderAt) bool { return dicom.Is(startOf(r)) }

// startOf returns the first bytes of a file, by which it is known.
func startOf(r io.ReaderAt) []byte {
	start := make([]byte, dicom.Start)
	n, _ := r.ReadAt(start, 0)
	return start[:n]
}

// A pictureInput is a picture file.
type pictureInput struct {
	*picture.Whole
	span    span
	ends    picture.Ends
	outside int  // numbers that are not within the span, and stay
	dark    bool // the span is all of 16 bits, and an eighth of it is used
	paged   bool // its other pages are inputs, too
	to      string
}

func (p *pictureInput) pages() int { return 1 }

func (p *pictureInput) numbers(int) *tensor.Tensor {
	z := tensor.New(p.Image.H, p.Image.W, p.C)
	p.Floats(z.Data())
	p.span.narrow(z.Data())
	return z
}

func (p *pictureInput) page(context.Context, int) (*tensor.Tensor, error) {
	p.outside = 0
	for _, v := range p.Pix {
		if !p.span.has(v) {
			p.outside++
		}
	}
	p.dark = p.span.high == 0 && p.Depth == 16 && slices.Max(p.Pix) < 1<<13
	return p.numbers(0), nil
}

func (p *pictureInput) set(_ int, before, z *tensor.Tensor) error {
	p.ends = picture.EndsOf(z.Data(), before.Data(), p.Image.W, p.C)
	return p.SetFloats(p.span.widen(z.Data(), p.Pix))
}

func (p *pictureInput) takes(format string) error {
	if format == "DICOM" {
		return fmt.Errorf("a %s is not written as DICOM, for it lacks the elements: name a .png or .tif", p.Format)
	}
	return nil
}

func (p *pictureInput) write(w io.Writer, format string, _ derivation) error {
	p.to = format
	return p.Encode(w, format)
}

func (p *pictureInput) notes() (all []string) {
	if s := p.span; s.high > 0 {
		unit := uint16(unitOf(p.Whole))
		all = append(all, fmt.Sprintf("values:  %d to %d are -1 to 1; %d numbers lie outside and stay as they are", s.low/unit, s.high/unit, p.outside))
	}
	if p.dark {
		all = append(all, "values:  the picture is dark: of the 65536 numbers of 16 bits it uses the least 8192 at most; -values used, or 0,4095 for a camera of 12 bits, shows more to the model")
	}
	if p.ends.Black+p.ends.White > 0 {
		all = append(all, "ends:    at black or white, where the image's were not: "+p.ends.String())
	}
	if p.More > 0 && !p.paged {
		all = append(all, fmt.Sprintf("pages:   %d more are not read; of a TIFF, -out FOLDER takes all", p.More))
	}
	if p.to == "JPEG" && p.Depth > 8 {
		all = append(all, "depth:   a JPEG has 8 bits of the 16 that came; name a .png or .tif to keep them")
	}
	if p.to == "JPEG" && p.Alpha != nil {
		all = append(all, "alpha:   laid over white, for a JPEG has none; name a .png or .tif to keep it")
	}
	for _, what := range p.About.Left {
		all = append(all, leftNotes[what])
	}
	if p.About.EXIF != nil && p.to == "TIFF" {
		all = append(all, "exif:    a TIFF keeps only the orientation; name a .png or .jpg to keep all of it")
	}
	if p.About.LongEXIF() && p.to == "JPEG" {
		all = append(all, "exif:    it is longer than a JPEG takes, and is not kept; name a .png to keep it")
	}
	if p.About.Words() && p.to != p.Format {
		all = append(all, fmt.Sprintf("words:   descriptions, comments, XMP and the like of a %s are not kept in a %s; name a file of its own format to keep them", p.Format, p.to))
	}
	return all
}

// leftNotes are what is said of what picture.Metadata names as left.
var leftNotes = map[string]string{
	"exif":    "exif:    of a TIFF's EXIF only the orientation is kept",
	"tags":    "tags:    of a TIFF those that are not known here are not kept, as of IPTC, Photoshop, GeoTIFF and private ones",
	"xmp":     "xmp:     that of a WebP is not kept",
	"profile": "profile: that of the file is of four inks, or of colours where the picture is grey, and is not kept",
}

// beside returns the name of a file beside path: with an end to its name, and an extension.
func beside(path, end, extension string) string {
	return strings.TrimSuffix(path, filepath.Ext(path)) + end + extension
}

// extension returns that of a file that can be written in the format of the one at path: its own, .dcm where that is DICOM whose name
// does not say so, or .png.
func extension(path string) string {
	if format(path) != "" {
		return filepath.Ext(path)
	}
	f, err := fileAt(path)
	if err != nil {
		return ".png" // whoever opens it says what is wrong
	}
	defer f.Close()
	if isDICOM(f) {
		return dicomEnd
	}
	return ".png"
}

// dicomEnd is how the name of a DICOM file ends.
const dicomEnd = ".dcm"

// A dicomInput is a DICOM file. Only the frames that were set are other than they were.
type dicomInput struct {
	*dicom.File
	span    dicom.Range
	frames  [][]int32
	ends    []picture.Ends
	outside [][2]int // of each frame: how many values lie outside and stay, and the pixel of the first
	dropped bool     // what was written has not the words that the file had of how it was derived
}

func openDICOM(ctx context.Context, r io.ReaderAt, size int64, o *options) (input, error) {
	b := make([]byte, size)
	if _, err := io.ReadFull(io.NewSectionReader(r, 0, size), b); err != nil {
		return nil, err
	}
	f, err := dicom.Decode(b)
	if err != nil {
		return nil, err
	}
	d := &dicomInput{File: f, frames: make([][]int32, f.Frames), ends: make([]picture.Ends, f.Frames), outside: make([][2]int, f.Frames)}
	d.span, err = rangeOf(ctx, f, o)
	return d, err
}

// rangeOf returns the values that become −1 and 1.
func rangeOf(ctx context.Context, f *dicom.File, o *options) (dicom.Range, error) {
	if low, high, ok := o.levels(); ok {
		return rangeFrom(f, o, low, high)
	}
	switch o.values {
	case "stored":
		return f.Range(), nil
	case "used":
		return f.Used(ctx)
	}
	return f.Shown(ctx)
}

func (d *dicomInput) pages() int { return d.Frames }

func (d *dicomInput) numbers(i int) *tensor.Tensor {
	z := tensor.New(d.Rows, d.Columns, d.Samples)
	d.Numbers(z.Data(), d.frames[i], d.span)
	return z
}

func (d *dicomInput) page(ctx context.Context, i int) (*tensor.Tensor, error) {
	values, err := d.Frame(ctx, i)
	if err != nil {
		return nil, err
	}
	d.outside[i] = [2]int{}
	for k, v := range values {
		if (v < d.span.Lo || v > d.span.Hi) && !d.Padding(v) {
			if d.outside[i][0]++; d.outside[i][0] == 1 {
				d.outside[i][1] = k / d.Samples
			}
		}
	}
	d.frames[i] = values
	return d.numbers(i), nil
}

func (d *dicomInput) set(i int, before, z *tensor.Tensor) error {
	d.ends[i] = picture.EndsOf(z.Data(), before.Data(), d.Columns, d.Samples)
	if err := d.Values(d.frames[i], z.Data(), d.span, d.frames[i]); err != nil {
		return fmt.Errorf("frame %d: %w", i, err)
	}
	return nil
}

func (d *dicomInput) takes(format string) error {
	if format != "DICOM" {
		return fmt.Errorf("a DICOM file is written as one, for another loses its elements: name a .dcm")
	}
	return nil
}

func (d *dicomInput) write(w io.Writer, _ string, how derivation) error {
	by := dicom.Derivation{Description: how.text, ModelHash: how.hash}
	d.dropped = d.Drops(by)
	return d.WriteDerived(w, d.frames, by)
}

func (d *dicomInput) notes() (all []string) {
	all = append(all, fmt.Sprintf("values:  %d to %d are -1 to 1", d.span.Lo, d.span.Hi))
	for i, o := range d.outside {
		if o[0] > 0 {
			all = append(all, fmt.Sprintf("outside: frame %d, %d values lie outside and stay as they are, the first in row %d, column %d; -values used takes all in",
				i, o[0], o[1]/d.Columns, o[1]%d.Columns))
		}
	}
	for i, e := range d.ends {
		if e.Black+e.White > 0 {
			all = append(all, fmt.Sprintf("ends:    frame %d, at black or white, where the image's were not: %v", i, e))
		}
	}
	if d.dropped {
		all = append(all, "derived: the file's own Derivation Description is left out: with the new one it would exceed DICOM's 1024 characters (bytes, unless the file is in UTF-8)")
	}
	return all
}
