//go:build purego || !amd64

package asm

func peakTileWidth() int { return peakTileGenericWidth() }

func peakTile(n int) { peakTileGeneric(n) }
