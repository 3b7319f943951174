//go:build !purego

package asm

import "unsafe"

// ringArgs is what the assembly reads; distances are in bytes. It counts in height and the fields after it.
type ringArgs struct {
	edges, corners                 unsafe.Pointer
	above, x, below                unsafe.Pointer
	abovePixel, xPixel, belowPixel int
	aboveRow, xRow, belowRow       int
	zPixel, zRow                   int
	channels, width, height        int
	channelsLeft                   int
	aboveAt, xAt, belowAt, zAt     int // bytes from the first row
}

func ringSums(edges, corners, above, x, below []float32, r *Ring) {
	if !useAVX512 && !useAVX2 {
		ringSumsGeneric(edges, corners, above, x, below, r)
		return
	}
	for from := 0; from < r.Channels; from += len(zeros) { // a row of zeros is not longer
		a := ringArgs{
			xPixel: 4 * r.XPixel, xRow: 4 * r.XRow, zPixel: 4 * r.ZPixel, zRow: 4 * r.ZRow,
			channels: min(r.Channels-from, len(zeros)), width: r.Width, height: r.Height,
			x: unsafe.Pointer(&x[from]), above: unsafe.Pointer(&zeros), below: unsafe.Pointer(&zeros),
		}
		if above != nil {
			a.above, a.abovePixel, a.aboveRow = unsafe.Pointer(&above[from]), a.xPixel, a.xRow
		}
		if below != nil {
			a.below, a.belowPixel, a.belowRow = unsafe.Pointer(&below[from]), a.xPixel, a.xRow
		}
		if edges != nil {
			a.edges = unsafe.Pointer(&edges[from])
		}
		if corners != nil {
			a.corners = unsafe.Pointer(&corners[from])
		}
		a.run()
	}
}

func (a *ringArgs) run() {
	switch {
	case a.corners == nil && useAVX512:
		ringEdgesAVX512(a)
	case a.corners == nil:
		ringEdgesAVX2(a)
	case a.edges == nil && useAVX512:
		ringCornersAVX512(a)
	case a.edges == nil:
		ringCornersAVX2(a)
	case useAVX512:
		ringBothAVX512(a)
	default:
		ringBothAVX2(a)
	}
}
