package main

import (
	"context"
	"fmt"
	"math"
	"slices"

	"spdiff/cmd/internal/fit"
	"spdiff/group"
	"spdiff/tensor"
)

// Orientations are what came of an image in each of its orientations, and how far that is from its result, turned.
type orientations struct {
	group   group.Group
	sheet   *sheet
	apart   []float64 // the largest difference, of each element
	same    []bool    // the bits are equal
	largest float64
	exact   bool
	tied    bool // another element than the identity leaves the image as it is
}

// orientations turns the image by every element before denoising and after it. z is the image denoised as it is.
func (w *work) orientations(ctx context.Context, g group.Group, img, z *tensor.Tensor) (*orientations, error) {
	s := img.Shape()
	o := &orientations{group: g, sheet: newSheet(g, s[0], s[1], s[2]), exact: true}
	for a := range g.Order() {
		turned, want := fit.Acted(g, a, img), fit.Acted(g, a, z)
		y, _, err := w.denoise(ctx, turned)
		if err != nil {
			return nil, err
		}
		o.tied = o.tied || a > 0 && slices.Equal(turned.Data(), img.Data())
		d, same := difference(y.Data(), want.Data())
		o.apart, o.same = append(o.apart, d), append(o.same, same)
		o.largest, o.exact = math.Max(o.largest, d), o.exact && same
		below := "equal bits"
		if !same {
			below = fmt.Sprintf("%.3g", d)
		}
		o.sheet.add(a, turned.Data(), y.Data(), want.Data(), below)
	}
	return o, nil
}

// result says it in a sentence.
func (o *orientations) result() string {
	switch {
	case o.exact:
		return fmt.Sprintf("equal bits in all %d orientations", o.group.Order())
	case o.tied:
		return fmt.Sprintf("the largest difference is %.6g, which says nothing of the model: the image has a symmetry of its own, with which no noise can turn", o.largest)
	}
	return fmt.Sprintf("the largest difference is %.6g: this model does not treat all orientations alike", o.largest)
}

// say prints how far each is apart, and draws them.
func (o *orientations) say(path string) error {
	fmt.Printf("check:   turned before denoising against turned after it, over %v: largest difference of a pixel in [-1, 1]\n", o.group)
	for a, d := range o.apart {
		fmt.Printf("         %-4s %-12.6g %s\n", o.group.ElementName(a), d, verdict(d, o.same[a]))
	}
	fmt.Printf("result:  %s\n", o.result())
	if err := o.sheet.write(path); err != nil {
		return err
	}
	fmt.Printf("made:    %s, a row each: turned, denoised, the difference\n", path)
	return nil
}

// difference returns the largest |y − want|, and whether all bits are equal.
func difference(y, want []float32) (largest float64, same bool) {
	same = true
	for i := range y {
		same = same && math.Float32bits(y[i]) == math.Float32bits(want[i])
		largest = math.Max(largest, math.Abs(float64(y[i])-float64(want[i])))
	}
	return largest, same
}

// verdict says a difference in words: grey levels are what an eye could see.
func verdict(d float64, same bool) string {
	if same {
		return "equal bits"
	}
	return fmt.Sprintf("%.3g of 255 grey levels", d*127.5)
}
