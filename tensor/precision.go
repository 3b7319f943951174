package tensor

import (
	"fmt"
	"strings"

	"spdiff/asm"
)

// A Precision is what both factors of a product are rounded to as they are read. Storage and sums are float32 whatever it is.
type Precision int

const (
	Float32 Precision = iota // as they are: chains of fused multiply-adds
	BF16                     // to bfloat16, eight significant bits, in steps of 32 products: see [asm.TileBF16]
)

var precisions = [...]string{"float32", "bf16"}

// Precisions returns all of them.
func Precisions() []Precision { return []Precision{Float32, BF16} }

// String returns the name, as in a configuration file.
func (p Precision) String() string {
	if p < 0 || int(p) >= len(precisions) {
		return fmt.Sprintf("unknown (%d)", int(p))
	}
	return precisions[p]
}

// MarshalText implements encoding.TextMarshaler.
func (p Precision) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler: the error for an unknown name lists the known ones.
func (p *Precision) UnmarshalText(text []byte) error {
	for i, name := range precisions {
		if strings.EqualFold(string(text), name) {
			*p = Precision(i)
			return nil
		}
	}
	return fmt.Errorf("there is no precision %q; there are %s", text, strings.Join(precisions[:], ", "))
}

// Check returns an error that lists the precisions there are, unless p is one of them.
func (p Precision) Check() error {
	if p < 0 || int(p) >= len(precisions) {
		return fmt.Errorf("there is no precision %d; there are %s", int(p), strings.Join(precisions[:], ", "))
	}
	return nil
}

// tiles returns the most rows of a tile, and the widths of panels, wide and narrow.
func (p Precision) tiles() (rows, wide, narrow int) {
	if p == BF16 {
		return asm.TileSizeBF16()
	}
	return asm.TileSize()
}

// Padded returns how many numbers a row of n takes as a factor: of bf16, whole steps.
func (p Precision) Padded(n int) int {
	if p == BF16 {
		return asm.PaddedBF16(n)
	}
	return n
}

// slots returns the memory of n numbers of a factor.
func (p Precision) slots(n int) int {
	if p == BF16 {
		return asm.SlotsBF16(n)
	}
	return n
}

// leastDepth is the least depth of a product of bf16.
const leastDepth = 8

// Of returns the precision of a product that sums over depth channels: Float32 where they are fewer than 8, for a step of bf16 would
// be mostly zeros; else p.
func (p Precision) Of(depth int) Precision {
	if depth < leastDepth {
		return Float32
	}
	return p
}
