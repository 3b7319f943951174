package dataset

import (
	"archive/zip"
	"context"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"spdiff"
	"spdiff/cmd/internal/amat"
	"spdiff/cmd/internal/arrays"
	"spdiff/cmd/internal/cells"
	"spdiff/cmd/internal/crops"
	"spdiff/cmd/internal/digits"
	"spdiff/cmd/internal/idx"
	"spdiff/cmd/internal/imagefolder"
	"spdiff/cmd/internal/lysto"
	"spdiff/cmd/internal/packed"
	"spdiff/cmd/internal/picture"
	"spdiff/cmd/internal/pixelcsv"
)

// A Form is a kind of data.
type Form struct {
	Kind    string
	Arg     string // how it is written, with all options
	What    string // in a line or two
	allowed []string
	open    func(ctx context.Context, path string, o options) (spdiff.Source, error)
}

// How many images are generated: digits as in MNIST's training set, cells as in LYSTO's.
const (
	generated      = 60_000
	generatedCells = 20_000
)

// Forms returns what there is.
func Forms() []Form {
	return []Form{
		{"digits", "digits", "generated handwritten digits, 28×28 grey, 10 classes", nil,
			func(context.Context, string, options) (spdiff.Source, error) { return digits.New(0, generated), nil }},
		{"cells", "cells", "generated stained cells, 64×64 colour, 3 classes: none, few or most are brown", nil,
			func(context.Context, string, options) (spdiff.Source, error) {
				return cells.New(0, generatedCells), nil
			}},
		{"mnist", "mnist:FOLDER", "MNIST's IDX files, or the file of images; gzipped or not", nil, openIDX},
		{"amat", "amat:FILE", "rotated MNIST, .amat text; plain, gzipped or in a zip", nil, openText(amat.Open, amat.Zipped)},
		{"csv", "csv:FILE", "a table of pixels between commas, as Kaggle has MNIST; plain, gzipped or in a zip", nil, openText(pixelcsv.Open, pixelcsv.Zipped)},
		{"images", "images:FOLDER?size=64&channels=3&range=0,4095&without=FILE",
			"pictures (" + imagefolder.Kinds() + ") in a folder or a zip, classes by dataset.json or\n        subfolders; size (64, or ROWSxCOLUMNS) takes the middle of each and scales it; range\n        says which numbers become black and white (for DICOM in place of its window);\n        DICOM files need no extension",
			[]string{"size", "channels", "range", "without"}, openImages},
		{"npy", "npy:FILE?range=0,255&images=NAME&labels=NAME",
			"a numpy .npy, or .npz with images and labels; range says which numbers become black and white",
			[]string{"range", "images", "labels"}, openArrays},
		{"crops", "crops:FOLDER?size=64&n=10000&scale=1&seed=0&channels=3&range=0,4095&without=FILE",
			"random pieces of the pictures of a folder or a zip, scaled first;\n        here the kind, crops:, must be given",
			[]string{"size", "n", "scale", "seed", "channels", "range", "without"}, openCrops},
		{"lysto", "lysto:FILE?size=64&seed=0", "LYSTO's training.h5: each image scaled to 128×128 and a random square of it,\n        3 classes, the organs",
			[]string{"size", "seed"}, openLYSTO},
	}
}

// listed ends an error: the list itself is longer than what is shown of one.
const listed = "-h lists what there is"

// Help lists the forms, for -h.
func Help() string {
	var b strings.Builder
	for _, f := range Forms() {
		fmt.Fprintf(&b, "  %s\n        %s\n", f.Arg, f.What)
	}
	b.WriteString("  Options may be left out, and so may the kind: a PATH alone is recognised by what it holds.\n")
	return b.String()
}

func lookup(kind string) (Form, bool) {
	for _, f := range Forms() {
		if f.Kind == kind {
			return f, true
		}
	}
	return Form{}, false
}

// takesNoPath reports whether an argument is a kind alone.
func takesNoPath(arg string) bool { return arg == "digits" || arg == "cells" }

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

func openIDX(_ context.Context, path string, _ options) (spdiff.Source, error) {
	if exists(path) && !isFolder(path) {
		return idx.OpenFile(path)
	}
	return idx.Open(path) // its error says what a folder must have
}

// openText returns what opens a file of text by one of the functions, and one in a zip by the other.
func openText[S spdiff.Source](
	open func(path string) (S, error), zipped func(z *zip.Reader, name string) (S, error),
) func(context.Context, string, options) (spdiff.Source, error) {
	return func(_ context.Context, path string, _ options) (spdiff.Source, error) {
		if !begins(path, zipMagic) {
			return open(path)
		}
		z, err := packed.OpenZip(path)
		if err != nil {
			return nil, err
		}
		return zipped(z, path)
	}
}

func openArrays(_ context.Context, path string, o options) (spdiff.Source, error) {
	return arrays.Open(path, arrays.Options{Range: o.numbers, Images: o.images, Labels: o.labels})
}

func openImages(ctx context.Context, path string, o options) (spdiff.Source, error) {
	files, c, err := openPictures(path, o)
	if err != nil {
		return nil, err
	}
	return imagefolder.New(ctx, files, path, imagefolder.Options{H: o.h, W: o.w, Channels: o.channels, Choice: c})
}

func openCrops(ctx context.Context, path string, o options) (spdiff.Source, error) {
	files, c, err := openPictures(path, o)
	if err != nil {
		return nil, err
	}
	if o.h == 0 {
		o.h, o.w = 64, 64
	}
	return crops.New(ctx, files, path, crops.Options{N: o.n, H: o.h, W: o.w, Scale: o.scale, Seed: o.seed, Channels: o.channels, Choice: c})
}

func openLYSTO(_ context.Context, path string, o options) (spdiff.Source, error) {
	if o.h != o.w {
		return nil, fmt.Errorf("?size=%dx%d: LYSTO's images are cut to squares; write one number", o.h, o.w)
	}
	return lysto.Open(path, lysto.Options{Size: o.h, Seed: o.seed})
}

// openPictures returns the files at a path and which of them are wanted. Numbers of pictures are whole.
func openPictures(path string, o options) (files fs.FS, c imagefolder.Choice, err error) {
	lo, hi := o.numbers.Lo, o.numbers.Hi
	c = imagefolder.Choice{Without: o.without, Range: picture.Range{Lo: int(lo), Hi: int(hi)}}
	if lo < -32768 || hi > 65535 || float32(c.Range.Lo) != lo || float32(c.Range.Hi) != hi {
		return nil, c, fmt.Errorf("?range=%v,%v: numbers of pictures are whole, from 0 to 255 or to 65535, and of DICOM from -32768 to 65535", lo, hi)
	}
	files, err = openFiles(path)
	return files, c, err
}

// openFiles returns the files of a folder, and none outside it, or of a zip archive.
func openFiles(path string) (fs.FS, error) {
	if !isFolder(path) {
		return packed.OpenZip(path)
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, err
	}
	return root.FS(), nil
}
