package imagefolder

import (
	"context"
	"errors"
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
	if text := l.dark(ctx); text != "" {
		notes = append(notes, text)
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
		if h.Depth != 16 || l.choice.Hi > 0 {
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
	return fmt.Sprintf("files of 16 bits whose numbers go up to %d of 65535, in the first %d: dark; ?range=0,%d makes %[3]d white", most, n, 1<<used-1)
}

// checkRange checks that a range fits the files.
func (l *List) checkRange() error {
	if l.choice.Hi == 0 {
		return nil
	}
	for i, h := range l.Headers {
		if h.Depth != l.Headers[0].Depth {
			return fmt.Errorf("%q has %d bits and %q %d; ?range= is of numbers of one kind: give them in folders of their own",
				l.Names[0], l.Headers[0].Depth, l.Names[i], h.Depth)
		}
	}
	if top := 1<<l.Headers[0].Depth - 1; l.choice.Hi > top {
		return fmt.Errorf("?range=%d,%d: the files have %d bits, numbers from 0 to %d", l.choice.Lo, l.choice.Hi, l.Headers[0].Depth, top)
	}
	return nil
}

// stretch spreads the numbers of the range.
func (l *List) stretch(m *picture.Image, depth int) (*picture.Image, error) {
	unit := 65535 / (1<<depth - 1)
	z, err := m.Stretch(uint16(l.choice.Lo*unit), uint16(l.choice.Hi*unit))
	var e *picture.OutsideError
	if errors.As(err, &e) {
		err = fmt.Errorf("a number is %d, not from %d to %d as ?range= says", int(e.Value)/unit, l.choice.Lo, l.choice.Hi)
	}
	return z, err
}
