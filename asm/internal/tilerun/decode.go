//go:build linux && amd64

package main

import (
	"encoding/binary"
	"errors"
)

// An op is one of the five instructions.
type op int

const (
	loadConfig op = iota
	release
	loadTile
	storeTile
	dot
)

// An instruction is one that is decoded. Registers of a place are numbered as in the encoding, rax, rcx, rdx, rbx, rsp, …
type instruction struct {
	op         op
	length     int    // in bytes
	tile, x, y int    // dot: tile += x·y
	base       int    // of the place in memory
	index      int    // −1: none
	scale      uint64 // of the index
	disp       int64
}

var errForeign = errors.New("no instruction of AMX that is known here")

// decode reads the instruction that code begins with.
func decode(code []byte) (in instruction, err error) {
	if len(code) < 5 || code[0] != 0xc4 || code[1]&0x1f != 2 || code[2]&0x84 != 0 { // VEX, opcodes 0F 38, W0, 128 bits
		return in, errForeign
	}
	prefix, vvvv, modrm := code[2]&3, int(^code[2]>>3)&15, code[4]
	mod, reg, rm := modrm>>6, int(modrm>>3)&7, int(modrm)&7
	in = instruction{length: 5, tile: reg, index: -1}
	if code[3] != 0x5c && vvvv != 0 || mod == 3 && code[1]&0xe0 != 0xe0 || code[1]&0x80 == 0 {
		return in, errForeign
	}
	switch {
	case code[3] == 0x49 && prefix == 0 && mod != 3 && reg == 0:
		in.op = loadConfig
	case code[3] == 0x49 && prefix == 0 && modrm == 0xc0:
		in.op = release
		return in, nil
	case code[3] == 0x4b && prefix == 3 && mod != 3 && rm == 4:
		in.op = loadTile
	case code[3] == 0x4b && prefix == 2 && mod != 3 && rm == 4:
		in.op = storeTile
	case code[3] == 0x5c && prefix == 2 && mod == 3 && vvvv < 8:
		in.op, in.x, in.y = dot, rm, vvvv
		return in, nil
	default:
		return in, errForeign
	}
	return in, in.place(code, mod, rm)
}

// place reads where an instruction finds its memory: ModRM's mod and rm, the SIB byte, and the displacement. The bits 5 and 6 of
// VEX are the registers' fourth, inverted.
func (in *instruction) place(code []byte, mod byte, rm int) error {
	high := func(bit int) int { return int(^code[1]>>bit&1) << 3 }
	in.base = rm | high(5)
	if rm == 4 {
		if len(code) < 6 {
			return errForeign
		}
		sib := code[5]
		in.length, in.scale = 6, 1<<(sib>>6)
		in.base = int(sib&7) | high(5)
		if i := int(sib>>3&7) | high(6); i != 4 {
			in.index = i
		}
	}
	if mod == 0 && in.base&7 == 5 { // an absolute place, or one counted from the instruction
		return errForeign
	}
	size := [3]int{0, 1, 4}[mod]
	if len(code) < in.length+size {
		return errForeign
	}
	switch size {
	case 1:
		in.disp = int64(int8(code[in.length]))
	case 4:
		in.disp = int64(int32(binary.LittleEndian.Uint32(code[in.length:])))
	}
	in.length += size
	return nil
}
