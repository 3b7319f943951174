//go:build !linux

package autodiff

func largePages([]float32) {}
