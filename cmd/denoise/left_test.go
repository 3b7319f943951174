package main

import (
	"io"
	"path/filepath"
	"strings"
	"testing"

	"spdiff"
	"spdiff/cmd/internal/cli/clitest"
	"spdiff/cmd/internal/picture"
	"spdiff/group"
)

// worded writes a TIFF with a description.
func worded(t *testing.T) string {
	t.Helper()
	grey, err := openFile(t.Context(), "-in", file(t, "grey.png", 9, 9), &options{})
	if err != nil {
		t.Fatal(err)
	}
	plain := saved(t, "plain.tif", func(w io.Writer) error { return grey.write(w, "TIFF", derivation{}) })
	in, err := openFile(t.Context(), "-in", plain, &options{})
	if err != nil {
		t.Fatal(err)
	}
	p := in.(*pictureInput)
	p.About.Own = append(p.About.Own, picture.Chunk{Tag: 270, Type: 2, Body: []byte("a cell\x00")})
	return saved(t, "a.tif", func(w io.Writer) error { return p.Encode(w, "TIFF") })
}

// Words that only a file of its own format has are said to stay behind where the result has another, and there alone.
func TestLostWordsAreSaid(t *testing.T) {
	m, in := model(t, group.C4, spdiff.WT, 1, 0), worded(t)
	for end, said := range map[string]bool{".png": true, ".jpg": true, ".tif": false} {
		text := clitest.Captured(t, func() {
			if err := do("-model", m, "-in", in, "-out", filepath.Join(t.TempDir(), "b"+end), "-steps", "2"); err != nil {
				t.Error(err)
			}
		})
		if strings.Contains(text, "words:   ") != said {
			t.Errorf("into a %s: %s", end, text)
		}
	}
}

// EXIF that a JPEG does not take is said to stay behind.
func TestLongEXIFIsSaid(t *testing.T) {
	in, err := openFile(t.Context(), "-in", file(t, "grey.png", 9, 9), &options{})
	if err != nil {
		t.Fatal(err)
	}
	for length, said := range map[int]bool{65527: false, 65528: true} {
		in.(*pictureInput).About = picture.Metadata{EXIF: make([]byte, length)}
		for _, format := range []string{"JPEG", "PNG"} {
			if err := in.write(io.Discard, format, derivation{}); err != nil {
				t.Fatal(err)
			}
			if notes := strings.Join(in.notes(), "\n"); strings.Contains(notes, "longer than a JPEG takes") != (said && format == "JPEG") {
				t.Errorf("%d bytes into a %s: %s", length, format, notes)
			}
		}
	}
}
