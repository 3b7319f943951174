//go:build amd64 && !linux && !purego

package asm

// requestTiles reports that there are no tiles: which other systems keep them for programs, and how they are asked, is not known here.
func requestTiles() bool { return false }
