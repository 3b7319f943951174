package dicom

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Rescale returns slope and intercept: a stored value v is slope·v + intercept in units of the modality, Hounsfield's for
// computed tomography. They are 1 and 0 where the file does not say them.
func (f *File) Rescale() (slope, intercept float64, err error) {
	if slope, err = f.decimal(rescaleSlope, 1); err != nil {
		return 0, 0, err
	}
	if slope == 0 {
		return 0, 0, fmt.Errorf("the rescale slope %v is 0; all values would be one", rescaleSlope)
	}
	intercept, err = f.decimal(rescaleIntercept, 0)
	return slope, intercept, err
}

// A Window is a range of values, in units of the modality, that a display shows from black to white.
type Window struct {
	Centre, Width float64
	Name          string // as "LUNG"; may be ""
}

// Windows returns the windows of the file, outermost elements only; none where there are none.
func (f *File) Windows() ([]Window, error) {
	centres, err := f.decimals(windowCentre)
	if err != nil {
		return nil, err
	}
	widths, err := f.decimals(windowWidth)
	if err != nil {
		return nil, err
	}
	if len(centres) != len(widths) {
		return nil, fmt.Errorf("there are %d window centres and %d widths", len(centres), len(widths))
	}
	names := strings.Split(text(find(f.elements, windowName)), "\\")
	var all []Window
	for i, c := range centres {
		w := Window{Centre: c, Width: widths[i]}
		if !(w.Width > 0) {
			return nil, fmt.Errorf("the width of window %d is %v; it must be above 0", i, w.Width)
		}
		if i < len(names) {
			w.Name = strings.TrimSpace(names[i])
		}
		all = append(all, w)
	}
	return all, nil
}

// Window returns the stored values that a window shows, those that its ends fall on included (PS3.3, C.11.2.1.2: from
// c − ½ − (w−1)/2 to c − ½ + (w−1)/2, or c ± w/2 where the function is LINEAR_EXACT), within what can be stored. A window of a
// function that is no line has the ends of one.
func (f *File) Window(w Window) (Range, error) {
	slope, intercept, err := f.Rescale()
	if err != nil {
		return Range{}, err
	}
	centre, half := w.Centre-0.5, (w.Width-1)/2
	if text(find(f.elements, windowFunction)) == "LINEAR_EXACT" {
		centre, half = w.Centre, w.Width/2
	}
	a, b := (centre-half-intercept)/slope, (centre+half-intercept)/slope
	all := f.Range()
	within := func(x float64) int32 { return int32(min(max(x, float64(all.Lo)), float64(all.Hi))) }
	return f.atLeastTwo(Range{within(math.Floor(min(a, b))), within(math.Ceil(max(a, b)))}), nil
}

// decimal reads one decimal number, or returns missing.
func (f *File) decimal(t Tag, missing float64) (float64, error) {
	all, err := f.decimals(t)
	if err != nil || len(all) == 0 {
		return missing, err
	}
	return all[0], nil
}

// maxDecimals bounds how many numbers an element has.
const maxDecimals = 1 << 10

// decimals reads decimal numbers between backslashes.
func (f *File) decimals(t Tag) (all []float64, err error) {
	s := text(find(f.elements, t))
	if s == "" {
		return nil, nil
	}
	if strings.Count(s, "\\") >= maxDecimals {
		return nil, fmt.Errorf("element %v has more than %d numbers", t, maxDecimals)
	}
	for _, part := range strings.Split(s, "\\") {
		x, err := strconv.ParseFloat(strings.TrimSpace(part), 64)
		if err != nil || math.IsInf(x, 0) || math.IsNaN(x) {
			return nil, fmt.Errorf("element %v has %.20q, which is no decimal number", t, part)
		}
		all = append(all, x)
	}
	return all, nil
}

// Shown returns the values that the file's first window shows, or, where it has none, those that are used.
func (f *File) Shown(ctx context.Context) (Range, error) {
	all, err := f.Windows()
	if err != nil {
		return Range{}, err
	}
	if len(all) == 0 {
		return f.Used(ctx)
	}
	return f.Window(all[0])
}
