package imagefolder

import (
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"spdiff/cmd/internal/dicom"
	"spdiff/cmd/internal/packed"
	"spdiff/cmd/internal/picture"
)

// IsImage reports whether a file of that path is taken for an image, whatever it holds. Hidden files are not.
func IsImage(name string) bool {
	return !packed.Hidden(name) && slices.Contains(picture.Extensions(), strings.ToLower(path.Ext(name)))
}

// MayBe reports whether a file of that path may be an image: it is taken for one, or has the name of a scanner's file. A folder may have
// such a name, too.
func MayBe(name string) bool { return IsImage(name) || unnamed(name) }

// unnamed reports whether a name has no extension or a number for one, as those of scanners have. DICOMDIR, the index of such files, has
// no image.
func unnamed(name string) bool {
	return strings.Trim(path.Ext(name), ".0123456789") == "" && !strings.EqualFold(path.Base(name), "DICOMDIR") && !packed.Hidden(name)
}

// Is reports whether a regular file is taken for an image: by its path, or, where it has the name of a scanner's file, by the mark of
// DICOM in it. The error is of a file that cannot be looked at.
func Is(files fs.FS, name string) (bool, error) {
	if unnamed(name) {
		return marked(files, name)
	}
	return IsImage(name), nil
}

// marked reports whether a file has the mark of DICOM.
func marked(files fs.FS, name string) (bool, error) {
	f, err := files.Open(name)
	if err != nil {
		return false, err
	}
	defer f.Close()
	start, err := io.ReadAll(io.LimitReader(f, int64(dicom.Start)))
	return dicom.Marked(start), err
}
