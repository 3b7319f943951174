package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"spdiff"
	"spdiff/cmd/internal/cli"
	"spdiff/cmd/internal/solvers"
	"spdiff/sde"
)

// options are the flags.
type options struct {
	model, in, out, solver string
	start, values          string
	report, clean          string
	className              string
	guidance               float64
	steps, class, batch    int
	degrade, threads       int
	seed                   uint64
	deterministic, check   bool
	precision              spdiff.Precision
}

// parse reads the flags and checks what can be checked without the model.
func parse(args []string) (*options, error) {
	o := &options{}
	f := flag.NewFlagSet("denoise", flag.ContinueOnError)
	o.define(f)
	if err := cli.Parse(f, args, usage, "; the image is -in FILE"); err != nil {
		return nil, err
	}
	if o.out == "" && o.in != "" {
		o.out = o.named()
	}
	return o, o.validate()
}

func (o *options) define(f *flag.FlagSet) {
	f.StringVar(&o.model, "model", "", "the `FILE` of a model, as train writes it")
	f.StringVar(&o.in, "in", "", "the image, a `FILE`: a PNG, JPEG, TIFF, BMP, GIF or WebP, turned upright as EXIF says; a DICOM file with all its frames, with an extension or without; or a folder or a zip of such files. A model of grey images denoises each colour channel on its own")
	f.StringVar(&o.out, "out", "", "the denoised image, a `FILE`.png, .jpg, .tif or .dcm with the depth, channels, orientation and metadata of -in; or a folder, for a folder, a zip or all pages of a TIFF (default NAME-denoised beside -in, in its format or else as PNG)")
	f.StringVar(&o.start, "start", "0", "the `TIME` to which noise is added: the later, the more is made anew; 0: noise as strong as the image; auto: noise twice as strong as the image's own, which is estimated")
	f.StringVar(&o.values, "values", "window", "`WHICH` values become -1 to 1: LOW,HIGH, such as 0,4095, as they are stored (not Hounsfield): give what ?range= was in training; used, the image's least to its greatest; stored, all that its bits can hold; window, a DICOM file's first window (used if it has none), stored for pictures. Values outside stay as they are")
	f.IntVar(&o.steps, "steps", 50, "evaluations of the network from -start to time 0, about")
	f.Uint64Var(&o.seed, "seed", 1, "seed of the noise")
	f.StringVar(&o.solver, "solver", "ddim", "how a step is made: see above")
	f.BoolVar(&o.deterministic, "deterministic", false, "no new noise on the way: the probability flow")
	f.IntVar(&o.degrade, "degrade", 1, "first reduce the image to a `K`-th of its resolution and back; the paper's experiment has 4")
	f.StringVar(&o.className, "class", "", "the class of the image, for a model trained with classes: its `NAME` in training or its number from 0")
	f.Float64Var(&o.guidance, "guidance", 0, "go this much further towards the class, with a model trained with -drop-class, at twice the evaluations; -1: no class at all, so that -class is not needed")
	f.BoolVar(&o.check, "check", false, "also compare turning before denoising with turning after it, for each element of the group; print the differences and draw them into NAME-check.png beside -out")
	f.StringVar(&o.report, "report", "", "write a page of before, after, difference and all orientations, one `FILE`.html without links")
	f.StringVar(&o.clean, "clean", "", "the image without noise, a `FILE`: -report gives PSNR and SSIM against it, on the scale of -in")
	f.IntVar(&o.batch, "batch", 8, "tiles of a large image at a time: bounds the memory, never changes the image")
	cli.Precision(f, &o.precision)
	f.IntVar(&o.threads, "threads", 0, "threads to use; 0: all cores. Never changes the image")
}

func usage(w io.Writer) {
	fmt.Fprint(w, `usage: denoise -model FILE -in FILE [flags]

Adds noise to an image, up to a time, and lets a model remove it again, and with it what the model takes for damage. The
noise turns with the image: with a model that respects its group exactly, the image turned and then denoised is the image
denoised and then turned, to the last bit. Larger images are denoised by overlapping tiles, the same exactness kept.

  denoise -model runs/digits-1/model.safetensors -in digit.png
  denoise -model M -in digit.png -out better.png -start 0.3      less is made anew
  denoise -model M -in digit.png -degrade 4 -check               the paper's experiment (section 6.3), drawn
  denoise -model M -in slide.jpg -solver dpm -steps 15           few steps
  denoise -model M -in scan.dcm -out better.dcm -start auto      all frames, written as derived; values by its window
  denoise -model M -in scans -out better                         a folder, a zip or a TIFF's pages; run again, it skips what is done
  denoise -model M -in a.png -report a.html -clean truth.png     a page to attach to a protocol

The result has the depth, channels, size, orientation and metadata of the input (a PNG's profile, resolution, EXIF, texts; a
JPEG's segments; a TIFF's texts, resolution, XMP and profile; a DICOM file's elements); what is not kept is reported. Alpha
stays as it is, the colours are denoised. Pixels are turned upright for the model and back again for the file. Values that are clipped
to the ends of the range are counted. A file that is read is never overwritten, not even through a link.

`)
	solvers.Write(w, solvers.Both(), false)
}

// validate finds flags that make no sense.
func (o *options) validate() error {
	switch {
	case o.model == "":
		return cli.Usagef("-model is missing: the file of a model, as runs/digits-1/model.safetensors")
	case o.in == "":
		return cli.Usagef("-in is missing: an image, as a PNG or a JPEG")
	case o.steps < 1 || o.batch < 1 || o.degrade < 1:
		return cli.Usagef("-steps, -batch and -degrade must be at least 1")
	case !o.goodStart():
		return cli.Usagef("-start is %.40s; it is a time, 0 for the middle, or auto", o.start)
	case !o.goodValues():
		return cli.Usagef("-values is %.40q; it is window, used, stored or LOW,HIGH, as 0,4095", o.values)
	case o.report != "" && !strings.EqualFold(filepath.Ext(o.report), ".html"):
		return cli.Usagef("-report %s: the name must end in .html", o.report)
	case o.clean != "" && o.report == "":
		return cli.Usagef("-clean is for -report FILE.html, which is missing")
	case o.clean != "" && o.values == "used":
		return cli.Usagef("-values used are each image's own, and -clean is measured in those of -in; name them, as -values 0,4095")
	case o.many() && (o.report != "" || o.check):
		return cli.Usagef("-report and -check are of one image; name one by -in")
	case strings.HasPrefix(o.className, "-") && o.className != "-1":
		return cli.Usagef("-class is %.40s; classes are numbered from 0", o.className)
	case cli.CheckThreads(o.threads) != nil:
		return cli.CheckThreads(o.threads)
	case !o.many() && format(o.out) == "":
		return cli.Usagef("-out %s: the name must end in .png, .jpg, .jpeg, .tif, .tiff or .dcm", o.out)
	case filepath.Clean(o.out) == filepath.Clean(o.in):
		return cli.Usagef("-out %s is the image itself; name another", o.out)
	}
	_, err := o.method()
	return err
}

// method returns the solver, or an error that lists those that there are.
func (o *options) method() (sde.Solver, error) {
	s, err := solvers.Find(solvers.Both(), o.solver)
	if err != nil {
		return nil, &cli.UsageError{Err: err}
	}
	settings := solvers.Default()
	if o.deterministic {
		settings = settings.Deterministic()
	}
	return s.Make(settings), nil
}

// denoising returns what is to be done.
func (o *options) denoising() spdiff.Denoising {
	solver, _ := o.method()                     // validate has asked
	start, _ := strconv.ParseFloat(o.start, 64) // of auto it is chosen for each image
	d := spdiff.Denoising{Start: start, Reversal: spdiff.Reversal{Steps: o.steps, Seed: o.seed, Solver: solver, Batch: o.batch, Guidance: o.guidance, Precision: o.precision}}
	if o.class >= 0 {
		d.Classes = []int{o.class}
	}
	return d
}

// goodStart reports whether -start is auto or a time.
func (o *options) goodStart() bool {
	t, err := strconv.ParseFloat(o.start, 64)
	return o.start == "auto" || err == nil && t >= 0
}

// many reports whether -in is a folder or an archive, or -out a folder: one that is there, or a name without an end.
func (o *options) many() bool {
	if s, err := os.Stat(o.in); err == nil && s.IsDir() {
		return true
	}
	if strings.EqualFold(filepath.Ext(o.in), ".zip") {
		return true
	}
	s, err := os.Stat(o.out)
	return err == nil && s.IsDir() || o.out != "" && filepath.Ext(o.out) == ""
}

// named returns the name of the result where none is given.
func (o *options) named() string {
	if s, err := os.Stat(o.in); err == nil && s.IsDir() {
		return folderName(o.in) + "-denoised"
	}
	if o.many() {
		return beside(o.in, "-denoised", "")
	}
	ext := extension(o.in)
	if ext == dicomEnd && format(o.in) == "" {
		return o.in + "-denoised" + ext // what follows the last point of such a name is a part of it
	}
	return beside(o.in, "-denoised", ext)
}

// folderName returns a path that ends with a folder's name, which "." and ".." do not.
func folderName(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return filepath.Clean(path)
}

// writes returns the files that are written of one image.
func (o *options) writes() []string {
	all := []string{o.out}
	if o.check {
		all = append(all, o.checkName())
	}
	if o.report != "" {
		all = append(all, o.report)
	}
	return all
}

// checkName is the name of the picture that -check draws.
func (o *options) checkName() string { return beside(o.out, "-check", ".png") }
