package imagefolder

import (
	"context"
	"fmt"
	"math/bits"
	"slices"

	"spdiff/cmd/internal/picture"
)

// note adds a line.
func (l *List) note(format string, args ...any) {
	l.notes = append(l.notes, fmt.Sprintf(format, args...))
}

// channels returns how many channels hold all colours of the images, unless that is said, and notes what file wants them.
func (l *List) channels(said int) int {
	if said != 0 {
		return said
	}
	if l.Grey {
		return 1
	}
	colours := 0
	for _, h := range l.Headers {
		if !h.Grey {
			colours++
		}
	}
	if first := slices.IndexFunc(l.Headers, func(h picture.Header) bool { return !h.Grey }); colours < len(l.Headers) {
		l.note("all are read in colour, as %d of %d files have colours, the first %q; ?channels=1 makes all grey", colours, len(l.Headers), l.Names[first])
	}
	return 3
}

// Channels is channels, for sets made of the list.
func (l *List) Channels(said int) int { return l.channels(said) }

// Notes says, a line each, what was left out and what follows from files. It reads a few pictures of 16 bits.
func (l *List) Notes(ctx context.Context) []string {
	notes := slices.Clone(l.notes)
	turned, more := 0, []string(nil)
	for i, h := range l.Headers {
		if h.Turned {
			turned++
		}
		if h.More > 0 {
			more = append(more, l.Names[i])
		}
	}
	if turned > 0 {
		notes = append(notes, fmt.Sprintf("%d of %d files have an orientation in EXIF, and are turned as it says", turned, len(l.Headers)))
	}
	if len(more) > 0 {
		notes = append(notes, fmt.Sprintf("of files with several frames or pages only the first is read: %s", some(more)))
	}
	notes = append(notes, l.windows()...)
	if text := l.dark(ctx); text != "" {
		notes = append(notes, text)
	}
	return notes
}

// windows says of which files of DICOM black and white are not what one window shows, where nobody has said what they are.
func (l *List) windows() (notes []string) {
	if !l.choice.Range.IsZero() {
		return nil
	}
	var none, several []string
	for i, h := range l.Headers {
		switch {
		case !h.DICOM:
		case h.Windows == 0:
			none = append(none, l.Names[i])
		case h.Windows > 1:
			several = append(several, l.Names[i])
		}
	}
	if len(none) > 0 {
		notes = append(notes, fmt.Sprintf("DICOM files without a window are shown from their own least value to their greatest: %s; "+
			"?range=LOW,HIGH, in stored values, sets the same for all", some(none)))
	}
	if len(several) > 0 {
		notes = append(notes, fmt.Sprintf("DICOM files with several windows are shown in the first: %s; ?range=LOW,HIGH, in stored values, replaces it", some(several)))
	}
	return notes
}

// looked is how many pictures of 16 bits are looked at, and lookedPixels how many pixels of them.
const (
	looked       = 8
	lookedPixels = 1 << 24
)

// dark returns what to say where 16 bits are not used.
func (l *List) dark(ctx context.Context) string {
	most, n, pixels := uint16(0), 0, 0
	for i, h := range l.Headers {
		if h.Depth != 16 || h.DICOM || !l.choice.Range.IsZero() {
			continue
		}
		if pixels += h.H * h.W; n == looked || pixels > lookedPixels && n > 0 {
			break
		}
		m, err := l.Decode(ctx, i, 3)
		if err != nil {
			return ""
		}
		most, n = max(most, slices.Max(m.Pix)), n+1
	}
	used := bits.Len16(most)
	if n == 0 || used == 16 {
		return ""
	}
	return fmt.Sprintf("the 16-bit files are dark: their numbers go up to %d of 65535 in the first %d; ?range=0,%d makes %[3]d white", most, n, 1<<used-1)
}

// checkRange checks that a range fits the files.
func (l *List) checkRange() error {
	r, first := l.choice.Range, l.Headers[0]
	if r.IsZero() {
		return nil
	}
	for i, h := range l.Headers {
		if kind := numbersOf(h); kind != numbersOf(first) {
			return fmt.Errorf("%q has %s and %q %s; ?range= is of numbers of one kind: give them in folders of their own",
				l.Names[0], numbersOf(first), l.Names[i], kind)
		}
	}
	if top := 1<<first.Depth - 1; !first.DICOM && (r.Lo < 0 || r.Hi > top) {
		return fmt.Errorf("?range=%d,%d: the files have %d bits, numbers from 0 to %d", r.Lo, r.Hi, first.Depth, top)
	}
	return nil
}

// numbersOf says what kind the numbers of a file are.
func numbersOf(h picture.Header) string {
	if h.DICOM {
		return "values of DICOM"
	}
	return fmt.Sprintf("%d bits", h.Depth)
}
