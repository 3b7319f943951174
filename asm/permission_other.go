//go:build amd64 && !linux && !purego

package asm

// requestTiles reports that there are no tiles: it is not known here which other systems offer them, nor how to ask for them.
func requestTiles() bool { return false }
