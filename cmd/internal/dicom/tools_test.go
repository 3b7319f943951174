package dicom

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const python = "/usr/bin/python3"

// run runs a program and returns what it prints; the test fails if the program does, or warns.
func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	var stderr strings.Builder
	c := exec.Command(name, args...)
	c.Stderr = &stderr
	out, err := c.Output()
	if err != nil || strings.Contains(stderr.String(), "W:") || strings.Contains(stderr.String(), "E:") {
		t.Errorf("%s %v: %v\n%s", name, args, err, stderr.String())
	}
	return string(out)
}

// need skips a test for which programs are not there.
func need(t *testing.T, programs ...string) {
	t.Helper()
	for _, p := range programs {
		if _, err := exec.LookPath(p); err != nil {
			t.Skipf("SKIPPED: DICOM files are not checked with other programs: %v; install dcmtk and libgdcm-tools", err)
		}
	}
}

// write writes a file of the test.
func write(t *testing.T, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file.dcm")
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// pydicom reads what is written without a warning, and has the same values and UIDs.
func TestPydicom(t *testing.T) {
	if err := exec.Command(python, "-c", "import pydicom, numpy").Run(); err != nil {
		t.Skipf("SKIPPED: DICOM files are not checked with pydicom: %v; install python3-pydicom", err)
	}
	for _, g := range goldens {
		f := open(t, g.name)
		frames := all(t, f)
		frames[0][0] ^= 1
		b := derive(t, f, frames)
		lines := strings.Split(run(t, python, filepath.Join("testdata", "read_dicom.py"), write(t, b)), "\n")
		if len(lines) < 3 {
			t.Errorf("%s: %q", g.name, lines)
			continue
		}
		z := decode(t, b)
		uid := text(find(z.elements, sopInstance))
		if want := strings.Join([]string{z.Syntax.UID, uid, uid, "0"}, " "); lines[0] != want {
			t.Errorf("%s: pydicom says %q, want %q", g.name, lines[0], want)
		}
		var got []int32
		for _, s := range strings.Fields(lines[2]) {
			v, err := strconv.Atoi(s)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, int32(v))
		}
		if want := slices.Concat(frames...); !slices.Equal(got, want) {
			t.Errorf("%s: pydicom has the values %v, want %v", g.name, got, want)
		}
	}
}

// dcmtk reads what is written without a warning; and what dcmtk makes of a file in every syntax has the same values.
func TestDCMTK(t *testing.T) {
	need(t, "dcmdump", "dcmconv", "dcmcrle", "dcmftest")
	for _, g := range goldens {
		f := open(t, g.name)
		path := write(t, derive(t, f, all(t, f)))
		run(t, "dcmdump", path)
		if got := run(t, "dcmftest", path); !strings.HasPrefix(got, "yes") {
			t.Errorf("%s: dcmftest says %q", g.name, got)
		}
		for _, command := range []string{"dcmconv +te +e", "dcmconv +ti -e", "dcmconv +td", "dcmcrle -ot"} {
			out := filepath.Join(t.TempDir(), "out.dcm")
			words := append(strings.Fields(command), path, out)
			run(t, words[0], words[1:]...)
			if z, err := Open(out); err != nil || !slices.EqualFunc(all(t, z), all(t, f), slices.Equal) {
				t.Errorf("%s after %s: other values, %v", g.name, command, err)
			}
		}
	}
}

// The command that an error names makes a file which is read, with the same values where nothing is lost.
func TestCommands(t *testing.T) {
	need(t, "dcmconv", "dcmdjpeg", "dcmdjpls", "gdcmconv")
	for _, name := range []string{"not_big", "not_lossless", "not_jpegls", "not_j2k", "not_palette"} {
		_, err := Open(path(name))
		command := err.Error()[strings.LastIndex(err.Error(), ": ")+2:]
		var s *SyntaxError
		if errors.As(err, &s) {
			command = s.Command
		}
		out := filepath.Join(t.TempDir(), "out.dcm")
		words := strings.Fields(strings.NewReplacer("IN.dcm", path(name), "OUT.dcm", out).Replace(command))
		run(t, words[0], words[1:]...)
		f, err := Open(out)
		if err != nil {
			t.Errorf("%s after %s: %v", name, command, err)
			continue
		}
		if want := all(t, open(t, "explicit_u12")); f.BitsStored == 12 && !slices.EqualFunc(all(t, f), want, slices.Equal) {
			t.Errorf("%s after %s has other values", name, command)
		}
	}
}

// JPEG images are, within what decoders may differ, those that dcmtk decodes.
func TestJPEGAsDCMTK(t *testing.T) {
	need(t, "dcmdjpeg")
	for _, name := range []string{"jpeg_grey", "jpeg_frames", "jpeg_colour"} {
		out := filepath.Join(t.TempDir(), "out.dcm")
		run(t, "dcmdjpeg", path(name), out)
		f, err := Open(out)
		if err != nil {
			t.Fatal(err)
		}
		want := all(t, f)
		for i, frame := range all(t, open(t, name)) {
			for k, v := range frame {
				if d := v - want[i][k]; d > 3 || d < -3 {
					t.Fatalf("%s: frame %d, value %d is %d, dcmtk's is %d", name, i, k, v, want[i][k])
				}
			}
		}
	}
}
