package main

import (
	"context"
	"fmt"
	"math"

	"spdiff/group"
	"spdiff/tensor"
)

// check turns the image by every element before denoising and after it, prints how far the two are apart, and draws them. z is
// the image denoised as it is.
func (w *work) check(ctx context.Context, g group.Group, img, z *tensor.Tensor) error {
	s := img.Shape()
	fmt.Printf("check:   turned, then denoised, against denoised, then turned, over %v: largest difference of a pixel in [-1, 1]\n", g)
	sheet := newSheet(g, s[0], s[1], s[2])
	largest, exact := 0.0, true
	for a := range g.Order() {
		turned, want := tensor.New(s...), tensor.New(s...)
		g.Act(turned.Data(), img.Data(), a, 1, s[0], s[1], s[2])
		g.Act(want.Data(), z.Data(), a, 1, s[0], s[1], s[2])
		y, err := w.denoise(ctx, turned)
		if err != nil {
			return err
		}
		d, same := difference(y.Data(), want.Data())
		fmt.Printf("         %-4s %-12.6g %s\n", g.ElementName(a), d, verdict(d, same))
		largest, exact = math.Max(largest, d), exact && same
		below := "equal bits"
		if !same {
			below = fmt.Sprintf("%.3g", d)
		}
		sheet.add(a, turned.Data(), y.Data(), want.Data(), below)
	}
	if exact {
		fmt.Printf("result:  equal bits in all %d orientations\n", g.Order())
	} else {
		fmt.Printf("result:  the largest difference is %.6g: this model does not treat all orientations alike\n", largest)
	}
	path := w.options.checkName()
	if err := sheet.write(path); err != nil {
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
