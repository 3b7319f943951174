//go:build linux && amd64

package main

import "testing"

// The encodings are those that LLVM's assembler prints.
var encodings = []struct {
	code []byte
	want instruction
}{
	{[]byte{0xc4, 0xc2, 0x78, 0x49, 0x00}, instruction{op: loadConfig, length: 5, base: 8, index: -1}},                                          // [r8]
	{[]byte{0xc4, 0xe2, 0x78, 0x49, 0x44, 0x24, 0x40}, instruction{op: loadConfig, length: 7, base: 4, index: -1, scale: 1, disp: 64}},          // [rsp+64]
	{[]byte{0xc4, 0xe2, 0x78, 0x49, 0x87, 0, 2, 0, 0}, instruction{op: loadConfig, length: 9, base: 7, index: -1, disp: 512}},                   // [rdi+512]
	{[]byte{0xc4, 0xe2, 0x78, 0x49, 0x44, 0x86, 0x08}, instruction{op: loadConfig, length: 7, base: 6, index: 0, scale: 4, disp: 8}},            // [rsi+4·rax+8]
	{[]byte{0xc4, 0xe2, 0x78, 0x49, 0xc0}, instruction{op: release, length: 5, index: -1}},                                                      //
	{[]byte{0xc4, 0xe2, 0x7b, 0x4b, 0x24, 0x06}, instruction{op: loadTile, length: 6, tile: 4, base: 6, index: 0, scale: 1}},                    // 4, [rsi+rax]
	{[]byte{0xc4, 0x82, 0x7b, 0x4b, 0x7c, 0xb7, 0xc0}, instruction{op: loadTile, length: 7, tile: 7, base: 15, index: 14, scale: 4, disp: -64}}, // 7, [r15+4·r14−64]
	{[]byte{0xc4, 0xc2, 0x7b, 0x4b, 0x8c, 0xdd, 0, 0x10, 0, 0}, instruction{op: loadTile, length: 10, tile: 1, base: 13, index: 3, scale: 8, disp: 4096}},
	{[]byte{0xc4, 0x82, 0x7b, 0x4b, 0x0c, 0x24}, instruction{op: loadTile, length: 6, tile: 1, base: 12, index: 12, scale: 1}},
	{[]byte{0xc4, 0xe2, 0x7b, 0x4b, 0x4c, 0x0d, 0x00}, instruction{op: loadTile, length: 7, tile: 1, base: 5, index: 1, scale: 1}},
	{[]byte{0xc4, 0xe2, 0x7a, 0x4b, 0x04, 0x07}, instruction{op: storeTile, length: 6, base: 7, index: 0, scale: 1}},
	{[]byte{0xc4, 0x82, 0x7a, 0x4b, 0x9c, 0x59, 0x80, 0, 0, 0}, instruction{op: storeTile, length: 10, tile: 3, base: 9, index: 11, scale: 2, disp: 128}},
	{[]byte{0xc4, 0xe2, 0x4a, 0x5c, 0xc4}, instruction{op: dot, length: 5, x: 4, y: 6, index: -1}},
	{[]byte{0xc4, 0xe2, 0x42, 0x5c, 0xdd}, instruction{op: dot, length: 5, tile: 3, x: 5, y: 7, index: -1}},
}

// What is decoded is what was encoded, whatever follows, and nothing is where its end is missing.
func TestDecode(t *testing.T) {
	for _, e := range encodings {
		got, err := decode(append(e.code[:len(e.code):len(e.code)], 0xcc, 0xcc, 0xcc))
		if err != nil || got != e.want {
			t.Errorf("% x is %+v (%v), want %+v", e.code, got, err, e.want)
		}
		for n := range e.code {
			if got, err := decode(e.code[:n]); err == nil {
				t.Errorf("% x is %+v without its end", e.code[:n], got)
			}
		}
	}
}

// Other instructions of the same family, and broken encodings, are refused.
func TestDecodeRefuses(t *testing.T) {
	for _, code := range [][]byte{
		{0xc4, 0xe2, 0x43, 0x5e, 0xdd},             // tdpbssd
		{0xc4, 0xe2, 0x79, 0x49, 0x07},             // sttilecfg
		{0xc4, 0xe2, 0x79, 0x4b, 0x24, 0x06},       // tileloaddt1
		{0xc4, 0xe2, 0x7b, 0x4b, 0x06, 0x06},       // a load without SIB
		{0xc4, 0xe2, 0x7b, 0x4b, 0x04, 0x05, 0, 0}, // at an absolute place
		{0xc4, 0xe2, 0x7f, 0x4b, 0x24, 0x06},       // 256 bits
		{0xc4, 0xe2, 0xfb, 0x4b, 0x24, 0x06},       // W1
		{0xc4, 0x62, 0x7b, 0x4b, 0x24, 0x06},       // tile 12
		{0xc4, 0xe2, 0x73, 0x4b, 0x24, 0x06},       // a load of three operands
		{0xc4, 0xe2, 0x0a, 0x5c, 0xc4},             // tile 14
		{0xc4, 0xc2, 0x4a, 0x5c, 0xc4},             // tile 12
		{0xc4, 0xe2, 0x7b, 0x49, 0xc0},             // tilezero, which no kernel has
		{0xc5, 0xf8, 0x77, 0, 0, 0},                // vzeroupper
		{0x0f, 0x0b, 0, 0, 0, 0},                   // ud2
	} {
		if got, err := decode(code); err == nil {
			t.Errorf("% x is %+v", code, got)
		}
	}
}
