//go:build !amxemulated

package asm

// emulated: see emulated.go.
const emulated = false
