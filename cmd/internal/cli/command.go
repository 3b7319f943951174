package cli

import (
	"os"
	"path/filepath"
	"strings"
)

// Command returns how a command of this project is called from here: by go run where this one was, else as the program beside
// this one.
func Command(name string) string {
	path, err := os.Executable()
	if err != nil || built(path) {
		return "go run ./cmd/" + name
	}
	return Quoted(beside(os.Args[0], name))
}

// built reports whether go run or go test has built a program: it is in a folder go-build…, or alone in one of the cache, which is
// named by a hash and -d.
func built(path string) bool {
	const hash = 64
	if program := strings.TrimSuffix(filepath.Base(path), ".exe"); strings.HasSuffix(program, ".test") {
		return true
	}
	for folder := range strings.SplitSeq(filepath.ToSlash(filepath.Dir(path)), "/") {
		if strings.HasPrefix(folder, "go-build") || len(folder) == hash+len("-d") && strings.HasSuffix(folder, "-d") {
			return true
		}
	}
	return false
}

// beside returns what calls the program of this name where that of the path is, which may be a name alone.
func beside(path, name string) string {
	base := filepath.Base(path)
	if strings.EqualFold(filepath.Ext(base), ".exe") {
		name += filepath.Ext(base)
	}
	return strings.TrimSuffix(path, base) + name
}
