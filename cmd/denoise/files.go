package main

import (
	"fmt"
	"os"
)

// Files are the files that are read and must not be overwritten. They are keyed by size and time, which are the same under all names of a
// file, so that each is compared with few.
type files map[[2]int64][]fileThere

// A fileThere is a file under one of its names.
type fileThere struct {
	path string
	info os.FileInfo
}

// filesAt returns those at paths; a path of none, as "", is passed over.
func filesAt(paths ...string) files {
	f := files{}
	for _, path := range paths {
		f.add(path)
	}
	return f
}

// add adds the file at a path, if there is one.
func (f files) add(path string) {
	if s, err := os.Stat(path); err == nil {
		f[sizeAndTime(s)] = append(f[sizeAndTime(s)], fileThere{path, s})
	}
}

// free returns an error if the file at a path is one of them.
func (f files) free(path string) error {
	s, err := os.Stat(path)
	if err != nil {
		return nil // nothing is there
	}
	for _, r := range f[sizeAndTime(s)] {
		if os.SameFile(s, r.info) {
			return fmt.Errorf("%s is the same file as %s, which is read and must stay; name another", path, r.path)
		}
	}
	return nil
}

// sizeAndTime is the key of a file.
func sizeAndTime(s os.FileInfo) [2]int64 { return [2]int64{s.Size(), s.ModTime().UnixNano()} }
