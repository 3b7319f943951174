package imagefolder

import (
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"spdiff/cmd/internal/dicom"
	"spdiff/cmd/internal/picture"
)

// IsImage reports whether a file of that path is taken for an image, whatever it holds. Hidden files are not.
func IsImage(name string) bool {
	return !isHidden(name) && slices.Contains(picture.Extensions(), strings.ToLower(path.Ext(name)))
}

// Is reports whether a regular file is taken for an image: by its path, or, where its name has no extension or a number for one, as
// those of scanners have, by the mark of DICOM in it. DICOMDIR, the index of such files, has no image.
func Is(files fs.FS, name string) bool {
	if IsImage(name) {
		return true
	}
	unnamed := strings.Trim(path.Ext(name), ".0123456789") == "" && !strings.EqualFold(path.Base(name), "DICOMDIR")
	return unnamed && !isHidden(name) && marked(files, name)
}

// marked reports whether a file has the mark of DICOM.
func marked(files fs.FS, name string) bool {
	f, err := files.Open(name)
	if err != nil {
		return false
	}
	defer f.Close()
	start := make([]byte, dicom.Start)
	n, _ := io.ReadFull(f, start)
	return dicom.Marked(start[:n])
}

// isHidden reports whether a file is hidden, or in a folder that is.
func isHidden(name string) bool { return slices.ContainsFunc(strings.Split(name, "/"), hidden) }

func hidden(part string) bool { return strings.HasPrefix(part, ".") || part == "__MACOSX" }
