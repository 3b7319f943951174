package dataset

import (
	"fmt"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"spdiff/cmd/internal/arrays"
	"spdiff/cmd/internal/crops"
)

// options are what stands after the question mark, with their defaults.
type options struct {
	h, w     int // 0: not said
	n        int
	scale    float64
	seed     uint64
	channels int // 0: not said
	numbers  arrays.Range
	without  []string // names of files
	images   string   // names of arrays
	labels   string
}

// These bound what an option may ask for; a network takes no larger images.
const (
	maxSize  = 1 << 12
	maxCrops = crops.MaxN
	maxScale = 16
)

// set sets an option; the error says what it must be.
func (o *options) set(name, value string) (err error) {
	switch name {
	case "size":
		o.h, o.w, err = parseSize(value)
	case "n":
		if o.n, err = strconv.Atoi(value); err != nil || o.n < 1 || o.n > maxCrops {
			err = fmt.Errorf("a number from 1 to %d", maxCrops)
		}
	case "scale":
		if o.scale, err = strconv.ParseFloat(value, 64); err != nil || !(o.scale > 0 && o.scale <= maxScale) {
			err = fmt.Errorf("a number above 0 and at most %d", maxScale)
		}
	case "seed":
		if o.seed, err = strconv.ParseUint(value, 10, 64); err != nil {
			err = fmt.Errorf("a whole number, not negative")
		}
	case "channels":
		if o.channels, err = strconv.Atoi(value); err != nil || o.channels != 1 && o.channels != 3 {
			err = fmt.Errorf("1 or 3")
		}
	case "without":
		o.without = append(o.without, value)
	case "images":
		o.images = value
	case "labels":
		o.labels = value
	case "range":
		o.numbers, err = parseRange(value)
	}
	return err
}

// options reads options that the form allows.
func (f Form) options(query string) (options, error) {
	o := options{n: 10_000, scale: 1}
	values, err := url.ParseQuery(query)
	if err != nil {
		return o, fmt.Errorf("the options after ? are not as of a URL: %.200v", err)
	}
	for name, v := range values {
		if !slices.Contains(f.allowed, name) {
			return o, fmt.Errorf("%s has no option %.60q; write %s", f.Kind, name, f.Arg)
		}
		if len(v) > 1 && name != "without" {
			return o, fmt.Errorf("the option %.60q is there twice", name)
		}
		for _, value := range v {
			if err := o.set(name, value); err != nil {
				return o, fmt.Errorf("the option %s is %.60q; it must be %w", name, value, err)
			}
		}
	}
	return o, nil
}

// parseSize reads "64" or "48x64", rows and columns.
func parseSize(s string) (h, w int, err error) {
	rows, columns, oblong := strings.Cut(s, "x")
	if !oblong {
		columns = rows
	}
	h, err1 := strconv.Atoi(rows)
	w, err2 := strconv.Atoi(columns)
	if err1 != nil || err2 != nil || h < 1 || w < 1 || h > maxSize || w > maxSize {
		return 0, 0, fmt.Errorf("a number of pixels from 1 to %d, or ROWSxCOLUMNS", maxSize)
	}
	return h, w, nil
}

// parseRange reads "0,255".
func parseRange(s string) (r arrays.Range, err error) {
	low, high, _ := strings.Cut(s, ",")
	lo, err1 := strconv.ParseFloat(low, 32)
	hi, err2 := strconv.ParseFloat(high, 32)
	if err1 != nil || err2 != nil || !(lo < hi) || math.IsInf(hi-lo, 0) {
		return r, fmt.Errorf("two numbers LOW,HIGH, the first the less")
	}
	return arrays.Range{Lo: float32(lo), Hi: float32(hi)}, nil
}
