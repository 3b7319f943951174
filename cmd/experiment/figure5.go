package main

import (
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"os"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"

	"spdiff/tensor/atomicfile"
)

// The measures of figure 5, in points.
const (
	labels = vg.Length(150)
	wide   = vg.Length(540) // a strip
	gap    = vg.Length(6)
)

// sideBySide writes strips of samples below each other, each with its name at the left.
func sideBySide(path string, strips []stripe) error {
	var pictures []image.Image
	height := gap
	for _, s := range strips {
		pic, err := decoded(s.path)
		if err != nil {
			return err
		}
		pictures, height = append(pictures, pic), height+tall(pic)+gap
	}
	size := vgimg.NewWith(vgimg.UseWH(labels+wide+2*gap, height), vgimg.UseDPI(144))
	c := draw.New(size)
	c.FillPolygon(color.White, []vg.Point{{}, {X: labels + wide + 2*gap}, {X: labels + wide + 2*gap, Y: height}, {Y: height}})
	style := draw.TextStyle{Color: color.Black, Font: font.From(font.Font{Typeface: "Liberation", Variant: "Sans"}, 12), XAlign: text.XLeft, YAlign: text.YCenter, Handler: plot.DefaultTextHandler}
	y := height
	for i, pic := range pictures {
		y -= tall(pic) + gap
		c.FillText(style, vg.Point{X: gap, Y: y + tall(pic)/2}, strips[i].name)
		c.DrawImage(vg.Rectangle{Min: vg.Point{X: labels, Y: y}, Max: vg.Point{X: labels + wide, Y: y + tall(pic)}}, pic)
	}
	return atomicfile.Write(path, func(w io.Writer) error { _, err := vgimg.PngCanvas{Canvas: size}.WriteTo(w); return err })
}

// tall returns how high a strip is.
func tall(pic image.Image) vg.Length {
	return wide * vg.Length(pic.Bounds().Dy()) / vg.Length(pic.Bounds().Dx())
}

func decoded(path string) (image.Image, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	pic, err := png.Decode(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return pic, nil
}
