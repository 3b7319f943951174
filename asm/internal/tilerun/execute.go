//go:build linux && amd64

package main

import (
	"errors"
	"fmt"
)

// A memory is what a thread reads and writes.
type memory interface {
	Read(at uint64, to []byte) error
	Write(at uint64, from []byte) error
}

var (
	errPermission = errors.New("no permission was asked of the kernel")
	errHeld       = errors.New("ldtilecfg on top of tiles that were not released: a kernel ended without tilerelease")
)

// execute does what an instruction does. Registers are numbered as in its encoding.
func (t *tiles) execute(in instruction, registers *[16]uint64, m memory) error {
	switch in.op {
	case loadConfig:
		if t.configured {
			return errHeld
		}
		var c [64]byte
		if err := m.Read(in.at(registers), c[:]); err != nil {
			return err
		}
		return t.configure(c[:])
	case release:
		*t = tiles{}
		return nil
	case dot:
		return t.dot(in.tile, in.x, in.y)
	}
	return t.move(in, registers, m)
}

// at is the place that an instruction names, its index left out where that is a distance of rows.
func (in *instruction) at(registers *[16]uint64) uint64 {
	at := registers[in.base] + uint64(in.disp)
	if in.index >= 0 && in.op == loadConfig {
		at += registers[in.index] * in.scale
	}
	return at
}

// move is TILELOADD and TILESTORED: a tile's rows lie at a base and a distance, which is the scaled index.
func (t *tiles) move(in instruction, registers *[16]uint64, m memory) error {
	if err := t.usable(in.tile); err != nil {
		return err
	}
	at, distance := in.at(registers), uint64(0)
	if in.index >= 0 {
		distance = registers[in.index] * in.scale
	}
	if in.op == loadTile {
		t.data[in.tile] = [maxRows][maxBytes]byte{}
	}
	for r := range t.rows[in.tile] {
		row := t.data[in.tile][r][:t.size[in.tile]]
		access := m.Read
		if in.op == storeTile {
			access = m.Write
		}
		if err := access(at, row); err != nil {
			return fmt.Errorf("row %d of tile %d: %w", r, in.tile, err)
		}
		at += distance
	}
	return nil
}
