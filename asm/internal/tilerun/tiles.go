//go:build linux && amd64

package main

import (
	"encoding/binary"
	"fmt"
)

// The unit's limits: palette 1 is the only one there is.
const (
	tileCount = 8
	maxRows   = 16
	maxBytes  = 64 // of a row
)

// tiles are the tile registers of a thread. The zero value is a unit that is not configured.
type tiles struct {
	configured bool
	rows, size [tileCount]int // size: bytes of a row
	data       [tileCount][maxRows][maxBytes]byte
}

// configure is LDTILECFG: a palette, the row to begin with (0 here), 14 zeros, 16 words of bytes a row, 16 bytes of rows.
func (t *tiles) configure(c []byte) error {
	if c[0] > 1 {
		return fmt.Errorf("ldtilecfg of palette %d", c[0])
	}
	var next tiles
	if c[0] == 0 {
		*t = next
		return nil
	}
	next.configured = true
	for i := 1; i < 64; i++ {
		reserved := i < 16 || i >= 16+2*tileCount && i < 48 || i >= 48+tileCount
		if reserved && c[i] != 0 {
			return fmt.Errorf("ldtilecfg with byte %d not zero", i)
		}
	}
	for i := range tileCount {
		next.size[i], next.rows[i] = int(binary.LittleEndian.Uint16(c[16+2*i:])), int(c[48+i])
		if next.size[i] > maxBytes || next.rows[i] > maxRows || (next.size[i] == 0) != (next.rows[i] == 0) {
			return fmt.Errorf("ldtilecfg of %d rows of %d bytes for tile %d", next.rows[i], next.size[i], i)
		}
	}
	*t = next
	return nil
}

// usable returns an error unless the tiles are configured.
func (t *tiles) usable(which ...int) error {
	for _, i := range which {
		if !t.configured || t.rows[i] == 0 {
			return fmt.Errorf("tile %d is not configured", i)
		}
	}
	return nil
}

// fit returns an error unless tile z is of the shape of tile x times tile y, and all are different.
func (t *tiles) fit(z, x, y int) error {
	if err := t.usable(z, x, y); err != nil {
		return err
	}
	if z == x || z == y || x == y {
		return fmt.Errorf("tdpbf16ps of one tile twice: %d, %d, %d", z, x, y)
	}
	if t.size[z]%4 != 0 || t.size[x]%4 != 0 || t.rows[z] != t.rows[x] || t.size[x]/4 != t.rows[y] || t.size[z] != t.size[y] {
		return fmt.Errorf("tdpbf16ps of tiles %d, %d, %d with %d×%d, %d×%d, %d×%d rows and bytes", z, x, y,
			t.rows[z], t.size[z], t.rows[x], t.size[x], t.rows[y], t.size[y])
	}
	return nil
}

// dot is TDPBF16PS: tile z += tile x · tile y. Rows and columns beyond the configured become zero.
func (t *tiles) dot(z, x, y int) error {
	if err := t.fit(z, x, y); err != nil {
		return err
	}
	var sum [maxRows][maxBytes]byte
	for r := range t.rows[z] {
		for c := 0; c < t.size[z]; c += 4 {
			var even, odd float32
			for k := range t.rows[y] {
				a, b := t.data[x][r][4*k:], t.data[y][k][c:]
				even = fma(bf16(a), bf16(b), even)
				odd = fma(bf16(a[2:]), bf16(b[2:]), odd)
			}
			v := add(number(t.data[z][r][c:]), add(even, odd))
			binary.LittleEndian.PutUint32(sum[r][c:], bits(v))
		}
	}
	t.data[z] = sum
	return nil
}
