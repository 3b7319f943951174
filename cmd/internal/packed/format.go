package packed

import (
	"archive/zip"
	"fmt"
	"io"
	"path"
	"strings"
)

// A Format is a kind of file that holds a whole set of images, S.
type Format[S any] struct {
	Name   string                                    // of several such files
	Is     func(name string) bool                    // whether a file of that name is one
	Decode func(r io.Reader, name string) (S, error) // its errors need not have the name
}

// Open reads a file, gzipped or not.
func (f Format[S]) Open(path string) (s S, err error) {
	r, err := Open(path)
	if err != nil {
		return s, err
	}
	defer r.Close()
	return f.read(r, Printable(path))
}

// Zipped reads the one of an archive, of which hidden files do not count; where there are several, the one with "train" in its name.
func (f Format[S]) Zipped(z *zip.Reader, name string) (s S, err error) {
	name = Printable(name)
	file, err := f.forTraining(z)
	if err != nil {
		return s, fmt.Errorf("%s: %w", name, err)
	}
	r, err := file.Open()
	if err != nil {
		return s, fmt.Errorf("%s, %q: %w; pack it again with deflate, as by: zip NEW.zip FILE", name, file.Name, err)
	}
	defer r.Close()
	return f.read(r, fmt.Sprintf("%s, %q", name, file.Name))
}

// read decodes a file, with its name before the error.
func (f Format[S]) read(r io.Reader, name string) (s S, err error) {
	if s, err = f.Decode(r, name); err != nil {
		err = fmt.Errorf("%s: %w", name, err)
	}
	return s, err
}

func (f Format[S]) forTraining(z *zip.Reader) (*zip.File, error) {
	var all, train []*zip.File
	for _, file := range z.File {
		if f.Is(file.Name) && !Hidden(file.Name) {
			all = append(all, file)
			if strings.Contains(path.Base(file.Name), "train") {
				train = append(train, file)
			}
		}
	}
	if len(all) > 1 {
		all = train
	}
	if len(all) != 1 {
		return nil, fmt.Errorf("there are %d %s for training; unpack it and name one", len(all), f.Name)
	}
	return all[0], nil
}
