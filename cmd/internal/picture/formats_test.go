package picture

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"spdiff/cmd/internal/allocs"
)

// Every format is read as Pillow reads it, upright, black as 0 and white as 255; JPEG but for the rounding of its transform.
func TestFormats(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("testdata", "formats.json"))
	if err != nil {
		t.Fatal(err)
	}
	var raw map[string][3]json.RawMessage
	if err := json.Unmarshal(text, &raw); err != nil {
		t.Fatal(err)
	}
	all := map[string]struct {
		w, h int
		rgb  []int
	}{}
	for name, r := range raw {
		v := all[name]
		errs := errors.Join(json.Unmarshal(r[0], &v.w), json.Unmarshal(r[1], &v.h), json.Unmarshal(r[2], &v.rgb))
		if all[name] = v; errs != nil {
			t.Fatal(errs)
		}
	}
	if len(all) < 20 {
		t.Fatalf("%d pictures", len(all))
	}
	for name, want := range all {
		file, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		h, err := ReadHeader(t.Context(), bytes.NewReader(file), int64(len(file)))
		if err != nil || h.W != want.w || h.H != want.h || h.Grey != strings.HasPrefix(name, "grey") || h.Turned != strings.HasPrefix(name, "turned") ||
			(h.More > 0) != strings.HasPrefix(name, "frames") || h.Depth != 8 {
			t.Errorf("%s: header %+v, %v, want %d×%d", name, h, err, want.w, want.h)
		}
		m := read(t, file, 3)
		if m.W != want.w || m.H != want.h {
			t.Errorf("%s: %d×%d", name, m.W, m.H)
			continue
		}
		for i, v := range m.Pix {
			off := math.Abs(float64(v)/257 - float64(want.rgb[i]))
			if off > 0 && (off > 3 || !strings.HasSuffix(name, ".jpg")) {
				t.Errorf("%s: number %d is %v, want %d", name, i, float64(v)/257, want.rgb[i])
				break
			}
		}
	}
}

// with returns a PNG with a chunk more, before the one of that name.
func with(file []byte, before, name string, body []byte) []byte {
	at := bytes.Index(file, []byte(before)) - 4
	chunk := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	chunk = append(append(chunk, name...), body...)
	chunk = binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(chunk[4:]))
	return slices.Concat(file[:at], chunk, file[at:])
}

// An orientation counts wherever a PNG has it, in either order of bytes, and what is unsound does not.
func TestOrientation(t *testing.T) {
	wide := asPNG(set(image.NewGray(image.Rect(0, 0, 2, 1)), color.Gray{10}, color.Gray{200}))
	big := []byte("MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00")
	little := []byte("II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00\x06\x00\x00\x00\x00\x00\x00\x00")
	nine := bytes.Replace(little, []byte{6, 0, 0, 0, 0}, []byte{9, 0, 0, 0, 0}, 1)
	for name, c := range map[string]struct {
		file   []byte
		turned bool
	}{
		"before the pixels": {with(wide, "IDAT", "eXIf", big), true}, "after them": {with(wide, "IEND", "eXIf", little), true},
		"9": {with(wide, "IDAT", "eXIf", nine), false}, "cut off": {with(wide, "IDAT", "eXIf", big[:9]), false}, "none": {wide, false},
	} {
		m := read(t, c.file, 1)
		h, err := ReadHeader(t.Context(), At(bytes.NewBuffer(c.file)), int64(len(c.file))) // a buffer is read in order
		if err != nil || h.Turned != c.turned || h.W != m.W || h.H != m.H || (m.W == 1) != c.turned || m.Pix[0] != 2570 || m.Pix[1] != 51400 {
			t.Errorf("%s: %+v, header %+v, %v", name, m, h, err)
		}
	}
}

// A JPEG that lacks only its end is whole; one that lacks pixels, or may lack passes over them, is not.
func TestWithoutEnd(t *testing.T) {
	file := asJPEG(set(image.NewGray(image.Rect(0, 0, 16, 16)), slices.Repeat([]color.Color{color.Gray{77}, color.Gray{9}}, 128)...))
	want := read(t, file, 1).Pix
	for _, cut := range []int{1, 2} {
		if got := read(t, file[:len(file)-cut], 1).Pix; !slices.Equal(got, want) {
			t.Errorf("without %d bytes: other pixels", cut)
		}
	}
	progressive, err := os.ReadFile(filepath.Join("testdata", "progressive.jpg"))
	if err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string][]byte{"a JPEG cut short": file[:len(file)-12], "progressive": progressive[:len(progressive)-2]} {
		if _, err := Decode(t.Context(), bytes.NewReader(bad), int64(len(bad)), 1, Range{}); err == nil {
			t.Errorf("%s is read", name)
		}
	}
}

// asTIFF returns a TIFF of two pixels, the second half transparent, with tags more.
func asTIFF(channels int, tags ...Chunk) []byte {
	var b bytes.Buffer
	var alpha []uint16
	if channels == 3 {
		alpha = []uint16{65535, 32768}
	}
	encodeTIFF(&b, &Image{1, 2, channels, make([]uint16, 2*channels)}, alpha, 8, tags)
	return b.Bytes()
}

// What a decoder does not know, or would take for another kind, is no damage, and comes with a command that helps. A planar TIFF of
// one number a pixel is as any other.
func TestAdvice(t *testing.T) {
	ratios := asJPEG(image.NewNRGBA(image.Rect(0, 0, 16, 16)))
	at := bytes.Index(ratios, []byte{0xff, 0xc0}) + 10
	ratios[at+1], ratios[at+4], ratios[at+7] = 0x21, 0x12, 0x12
	planes := Chunk{Tag: tagPlanar, Type: typeShort, Body: []byte{planar, 0}}
	unsorted := asTIFF(1, planes)
	dir := unsorted[binary.LittleEndian.Uint32(unsorted[4:])+2:]
	copy(dir[:24], slices.Concat(dir[12:24], dir[:12]))
	extra := bytes.Replace(asTIFF(3), []byte{82, 1, 3, 0, 1, 0, 0, 0, 2}, []byte{82, 1, 3, 0, 1, 0, 0, 0, 0}, 1) // tag 338: not said what it is
	for want, file := range map[string][]byte{"a JPEG of a kind that is not read (": ratios, "(planar)": asTIFF(3, planes), "not sorted": unsorted,
		"a TIFF of a kind that is not read (invalid format: wrong number": extra} {
		_, err := Decode(t.Context(), bytes.NewReader(file), int64(len(file)), 3, Range{})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "of a kind that is not read") || !strings.Contains(err.Error(), "magick FILE NEW.png") {
			t.Errorf("%v, want %q", err, want)
		}
	}
	read(t, asTIFF(1, planes), 1)
}

// tiledTIFF returns a black TIFF of w×h pixels in one tile, and says of that how many rows it has by one number or several.
func tiledTIFF(w, h, tileW, tileH int, rows ...uint32) []byte {
	tile := deflated(make([]byte, tileW*tileH))
	var entries []Chunk
	for tag, v := range map[uint16]int{tagWidth: w, tagHeight: h, 258: 8, 259: 8, 262: 1, tagTileWidth: tileW, 324: 8, 325: len(tile)} {
		entries = append(entries, Chunk{Tag: tag, Type: typeLong, Body: binary.LittleEndian.AppendUint32(nil, uint32(v))})
	}
	all := Chunk{Tag: tagTileHeight, Type: typeLong}
	for _, n := range rows {
		all.Body = binary.LittleEndian.AppendUint32(all.Body, n)
	}
	return directoryOf(append([]byte("II*\x00\x00\x00\x00\x00"), tile...), append(entries, all))
}

// A tile is unpacked whole: one that is much larger than the picture, or says its size in a way that hides it, is not read.
func TestTiles(t *testing.T) {
	const long = 1 << 22
	for _, c := range []struct {
		w, h, tileW int
		rows        []uint32
		read        bool
	}{
		{2, 3, 16, []uint32{16}, true},
		{1200, 1100, 1216, []uint32{1104}, true},
		{1, long, 17, []uint32{long}, false},
		{1, long, 17, []uint32{long, 0}, false},
	} {
		file := tiledTIFF(c.w, c.h, c.tileW, int(c.rows[0]), c.rows...)
		allocs.Bound(t, BytesAPixel*int64(c.w*c.h)+1<<20, func() {
			_, err := Decode(t.Context(), bytes.NewReader(file), int64(len(file)), 1, Range{})
			if c.read && err != nil || !c.read && (err == nil || !strings.Contains(err.Error(), "tiles larger than the picture")) {
				t.Errorf("%d×%d pixels in a tile of %d×%d: %v", c.w, c.h, c.tileW, c.rows, err)
			}
		})
	}
}

// Reading ends when its context is done, whatever the file.
func TestContext(t *testing.T) {
	ctx, stop := context.WithCancelCause(t.Context())
	why := errors.New("stopped")
	stop(why)
	for _, file := range [][]byte{asPNG(image.NewGray(image.Rect(0, 0, 9, 9))), asJPEG(image.NewGray(image.Rect(0, 0, 9, 9)))} {
		if _, err := Decode(ctx, bytes.NewReader(file), int64(len(file)), 1, Range{}); err != why {
			t.Errorf("%v, want %v", err, why)
		}
		if _, err := ReadHeader(ctx, bytes.NewReader(file), int64(len(file))); err != why {
			t.Errorf("%v, want %v", err, why)
		}
	}
	w := watch(t.Context(), bytes.NewReader(make([]byte, 1<<20)), 1<<20)
	if n, err := w.Read(make([]byte, 1<<16)); n != piece || err != nil {
		t.Errorf("%d bytes at once, %v: a decoder would not see that its context is done", n, err)
	}
}

// A sluggish file takes its time for each reading.
type sluggish struct {
	io.ReaderAt
	each time.Duration
}

func (s sluggish) ReadAt(p []byte, at int64) (int, error) {
	time.Sleep(s.each)
	return s.ReaderAt.ReadAt(p, at)
}

// Reading may take a minute and no more, and the error says what to do.
func TestPatience(t *testing.T) {
	file := asPNG(image.NewGray(image.Rect(0, 0, 9, 9)))
	size := int64(len(file))
	for name, read := range map[string]func(ctx context.Context, r io.ReaderAt) error{
		"ReadHeader": func(ctx context.Context, r io.ReaderAt) error { _, err := ReadHeader(ctx, r, size); return err },
		"Decode":     func(ctx context.Context, r io.ReaderAt) error { _, err := Decode(ctx, r, size, 1, Range{}); return err },
		"ReadWhole":  func(ctx context.Context, r io.ReaderAt) error { _, err := ReadWhole(ctx, r, size); return err },
	} {
		synctest.Test(t, func(t *testing.T) { // whose time passes at once
			if err := read(t.Context(), sluggish{bytes.NewReader(file), time.Second}); err != nil {
				t.Errorf("%s of a file that takes seconds: %v", name, err)
			}
			if err := read(t.Context(), sluggish{bytes.NewReader(file), 61 * time.Second}); err != errSlow {
				t.Errorf("%s of a file that takes minutes: %v", name, err)
			}
		})
	}
}

func TestStretch(t *testing.T) {
	m := &Image{1, 4, 1, []uint16{100, 1000, 2047, 4095}}
	z, err := m.stretch(Range{100, 4095}, 16)
	want := []uint16{0, 14764, 31939, 65535} // round(65535·(v − 100)/3995)
	if err != nil || !slices.Equal(z.Pix, want) {
		t.Errorf("%v, %v, want %v", z, err, want)
	}
	if _, err := m.stretch(Range{0, 4094}, 16); err == nil || err.Error() != "a number is 4095, not from 0 to 4094" {
		t.Error(err)
	}
	eight := &Image{1, 2, 1, []uint16{257 * 10, 257 * 20}}
	if z, err := eight.stretch(Range{10, 20}, 8); err != nil || !slices.Equal(z.Pix, []uint16{0, 65535}) {
		t.Errorf("%v, %v", z, err)
	}
	if _, err := eight.stretch(Range{11, 20}, 8); err == nil || err.Error() != "a number is 10, not from 11 to 20" {
		t.Error(err)
	}
	for v, want := range map[uint16]string{257*20 + 80: "a number is 21, not from 10 to 20", 257*10 - 80: "a number is 9, not from 10 to 20"} { // greys of colours
		if _, err := (&Image{1, 1, 1, []uint16{v}}).stretch(Range{10, 20}, 8); err == nil || err.Error() != want {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
