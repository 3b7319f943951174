//go:build amd64 && !linux && !purego

package asm

import "errors"

// requestTiles returns an error: it is not known here which other systems offer tiles, nor how to ask for them.
func requestTiles() error { return errors.New("only of Linux is it known here how to ask") }
