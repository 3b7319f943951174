package dicom

import (
	"bytes"
	"compress/flate"
	"context"
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"testing"

	"spdiff/cmd/internal/allocs"
)

// with returns a golden file with the value of an element of 2 bytes another.
func with(t testing.TB, name string, tag Tag, v uint16) []byte {
	t.Helper()
	b := bytesOf(t, name)
	h := append(tagBytes(tag), 'U', 'S', 2, 0)
	at := bytes.Index(b, h)
	if at < 0 {
		t.Fatalf("%s has no %v", name, tag)
	}
	binary.LittleEndian.PutUint16(b[at+len(h):], v)
	return b
}

// nested returns a data set with sequences in one another.
func nested(depth int) []byte {
	b := headBytes(imageType, vr{'C', 'S'}, 0, true)
	for range depth {
		b = append(b, headBytes(sourceImages, vr{'S', 'Q'}, undefinedLength, true)...)
		b = binary.LittleEndian.AppendUint32(append(b, tagBytes(item)...), undefinedLength)
	}
	return b
}

// Every kind of broken file is an error that says what is wrong, and takes little memory.
func TestBroken(t *testing.T) {
	good := bytesOf(t, "explicit_u12")
	frames := bytes.Replace(bytesOf(t, "mono1_u8_frames"), []byte("IS\x02\x003 "), []byte("IS\x02\x0099"), 1)
	longer := bytes.Clone(good)
	binary.LittleEndian.PutUint32(longer[bytes.LastIndex(longer, []byte("OW\x00\x00"))+4:], 1<<31)
	for _, c := range []struct {
		name, want string
		file       []byte
	}{
		{"nothing", "no DICOM file", nil},
		{"text", "no DICOM file", []byte(strings.Repeat("hello ", 100))},
		{"a PNG", "no DICOM file", []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR")},
		{"a preamble alone", "no image", append(make([]byte, preamble), magic...)},
		{"cut off", "cut off or damaged", good[:len(good)-30]},
		{"a byte short", "cut off or damaged", good[: len(good)-1 : len(good)-1]},
		{"a length beyond the file", "its length is 2147483648", longer},
		{"too few pixels", "cut off or damaged", with(t, "explicit_u12", rows, 6)},
		{"65535 rows", "cut off or damaged", with(t, "explicit_u12", rows, 0xffff)},
		{"no rows", "0 rows", with(t, "explicit_u12", rows, 0)},
		{"99 frames", "99 frames", frames},
		{"32 bits", "32 bits allocated", with(t, "explicit_u12", bitsAllocated, 32)},
		{"bits beyond those allocated", "which cannot be", with(t, "explicit_u12", highBit, 16)},
		{"more bits than there are", "which cannot be", with(t, "explicit_u12", bitsStored, 13)},
		{"no bits", "which cannot be", with(t, "explicit_u12", bitsStored, 0)},
		{"three samples of grey", "has 3 samples", with(t, "explicit_u12", samplesPerPixel, 3)},
		{"elements that descend", "must ascend", append(bytes.Clone(good), headBytes(rows, vr{'U', 'S'}, 0, true)...)},
		{"a deflated half", "deflated", bytesOf(t, "deflated_u8")[:450]},
		{"deep", "more than 64 sequences", nested(maxDepth + 1)},
		{"very deep", "more than 64 sequences", nested(1 << 16)},
		{"an end without a sequence", "in no sequence", append(bytes.Clone(good), headBytes(itemEnd, vr{}, 0, false)...)},
		{"letters that are none", "value representation", bytes.Replace(good, []byte("PN\x0c\x00"), []byte("p7\x0c\x00"), 1)},
	} {
		allocs.Bound(t, 1<<20, func() {
			if _, err := Decode(c.file); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: %v; want an error with %q", c.name, err, c.want)
			}
		})
	}
}

// What errors have of a file has no character that a terminal would obey.
func TestErrorsAreQuoted(t *testing.T) {
	good := bytesOf(t, "explicit_u12")
	pixels := bytes.LastIndex(good, []byte("\xe0\x7f\x10\x00OW"))
	for what, file := range map[string][]byte{
		"syntax": bytes.Replace(good, []byte("1.2.840.10008.1.2.1\x00"), []byte("1.2.840.\x1b[31m.1.2.1\x00"), 1),
		"class":  bytes.ReplaceAll(good[:pixels], []byte("1.2.840.10008.5"), []byte("1.2.840.\x1b[31m.5")),
	} {
		_, err := Decode(file)
		if err == nil || strings.Contains(err.Error(), "\x1b") || !strings.Contains(err.Error(), what) || !strings.Contains(err.Error(), `\x1b[31m`) {
			t.Errorf("%s: %q", what, err)
		}
	}
}

// A deflated data set that unpacks to more than its size is trusted with is an error, at the limit.
func TestBomb(t *testing.T) {
	b := bytesOf(t, "deflated_u8")
	var z bytes.Buffer
	w, _ := flate.NewWriter(&z, 9)
	w.Write(make([]byte, 40<<20))
	w.Close()
	b = append(b[:bytes.Index(b, []byte("SH\x0e\x00"))+18], z.Bytes()...)
	allocs.Bound(t, 80<<20, func() {
		if _, err := Decode(b); err == nil || !strings.Contains(err.Error(), "trusted with") {
			t.Errorf("%v; want an error about trust", err)
		}
	})
	for n, want := range map[int64]int64{1: 16 << 20, 1 << 20: 64 << 20, 1 << 28: maxInflated} {
		if got := inflated(n); got != want {
			t.Errorf("%d bytes may unpack to %d, want %d", n, got, want)
		}
	}
}

// A context that is done ends the reading of frames: before the next one, and within an image of JPEG.
func TestDone(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, name := range []string{"explicit_u12", "rle_s16_frames", "jpeg_frames"} {
		f := open(t, name)
		if _, err := f.Used(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: the used values: %v", name, err)
		}
		if _, err := f.Frame(ctx, 0); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: a frame: %v", name, err)
		}
	}
	f := open(t, "jpeg_grey")
	if _, err := f.decodeJPEG(ctx, f.frames[0]); !errors.Is(err, context.Canceled) {
		t.Errorf("an image of JPEG: %v", err)
	}
}

// Compressed frames that are broken are errors when they are wanted, or before.
func TestBrokenFrames(t *testing.T) {
	segments := bytesOf(t, "rle_u8")
	segments[bytes.Index(segments, []byte("\x01\x00\x00\x00\x40\x00\x00\x00"))] = 2
	for _, c := range []struct {
		name, want string
		file       []byte
	}{
		{"RLE of more segments", "2 segments", segments},
		{"RLE of more rows", "it ends after 30", with(t, "rle_u8", rows, 6)},
		{"RLE of 65535 rows", "cannot be", with(t, "rle_u8", rows, 0xffff)},
		{"JPEG of other rows", "16 rows × 24 columns; the file says 17 rows × 24 columns", with(t, "jpeg_grey", rows, 17)},
		{"JPEG of garbage", "invalid JPEG", bytes.Replace(bytesOf(t, "jpeg_grey"), []byte("\xff\xd8"), []byte("xx"), 1)},
		{"colour that is grey", "3 samples a pixel", bytes.Replace(with(t, "jpeg_grey", samplesPerPixel, 3), []byte("MONOCHROME2 "), []byte("YBR_FULL    "), 1)},
	} {
		allocs.Bound(t, 1<<20, func() {
			f, err := Decode(c.file)
			if err == nil {
				_, err = f.Frame(t.Context(), 0)
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: %v; want an error with %q", c.name, err, c.want)
			}
		})
	}
	f := open(t, "rle_u8")
	for _, i := range []int{-1, 1} {
		if _, err := f.Frame(t.Context(), i); err == nil {
			t.Errorf("there is a frame %d", i)
		}
	}
}

// Very many fragments of no byte or one take no more memory than a file of their size may: of one frame they are read, of several they
// are an error.
func TestManyFragments(t *testing.T) {
	end := append(tagBytes(sequenceEnd), 0, 0, 0, 0)
	for _, c := range []struct {
		name, item, want string
	}{
		{"rle_u8", "", ""},
		{"rle_u8", "x", ""},
		{"rle_s16_frames", "", "fragments of pixels in"},
	} {
		b := bytesOf(t, c.name)
		one := append(append(tagBytes(item), byte(len(c.item)), 0, 0, 0), c.item...)
		at := bytes.LastIndex(b, end)
		b = slices.Concat(b[:at], bytes.Repeat(one, 16<<20/len(one)), b[at:])
		allocs.Bound(t, 17<<20+3*int64(len(b)), func() {
			f, err := Decode(b)
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s and items of %d bytes: %v, want %q", c.name, len(c.item), err, c.want)
			}
			if err == nil && len(f.frames) != 1 {
				t.Errorf("%s: %d frames", c.name, len(f.frames))
			}
		})
	}
}

// Frames are put together of fragments by the table, by their number, and by where JPEG images begin.
func TestAssemble(t *testing.T) {
	soi := func(s string) []byte { return []byte("\xff\xd8" + s) }
	table := func(at ...uint32) (b []byte) {
		for _, v := range at {
			b = binary.LittleEndian.AppendUint32(b, v)
		}
		return b
	}
	three := []fragment{{0, soi("a")}, {12, []byte("b")}, {22, soi("c")}}
	for _, c := range []struct {
		name   string
		frames int
		table  []byte
		want   string
	}{
		{"one", 1, nil, "\xff\xd8ab\xff\xd8c"},
		{"by the table", 2, table(0, 12), "\xff\xd8a|b\xff\xd8c"},
		{"by their beginnings", 2, nil, "\xff\xd8ab|\xff\xd8c"},
		{"each", 3, nil, "\xff\xd8a|b|\xff\xd8c"},
		{"a table of no fragment", 2, table(0, 13), ""},
		{"a table of one fragment twice", 2, table(0, 0), ""},
		{"a table that passes over the first", 2, table(12, 22), ""},
		{"a short table", 2, table(0), ""},
		{"too few", 4, nil, ""},
	} {
		f := &File{Header: Header{Frames: c.frames}}
		var all []fragment
		for _, z := range three {
			all = f.add(all, z)
		}
		frames, err := f.assemble(all, c.table)
		if got := string(bytes.Join(frames, []byte("|"))); got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%s: %q, %v; want %q", c.name, got, err, c.want)
		}
	}
}
