package picture

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"spdiff/cmd/internal/allocs"
)

func read(t *testing.T, file []byte, channels int) *Image {
	t.Helper()
	m, err := Decode(t.Context(), bytes.NewReader(file), int64(len(file)), channels, Range{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func asPNG(m image.Image) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func asJPEG(m image.Image) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// set returns m with its pixels set, row by row.
func set(m interface {
	image.Image
	Set(x, y int, c color.Color)
}, pixels ...color.Color) image.Image {
	for i, c := range pixels {
		m.Set(i%m.Bounds().Dx(), i/m.Bounds().Dx(), c)
	}
	return m
}

// rawPNG returns a PNG with that header and those bytes of rows, for kinds that image/png does not write.
func rawPNG(w, h uint32, depth, kind byte, rows []byte) []byte {
	var data bytes.Buffer
	z := zlib.NewWriter(&data)
	z.Write(rows)
	z.Close()
	b := []byte("\x89PNG\r\n\x1a\n")
	chunk := func(name string, body []byte) {
		b = binary.BigEndian.AppendUint32(b, uint32(len(body)))
		body = append([]byte(name), body...)
		b = binary.BigEndian.AppendUint32(append(b, body...), crc32.ChecksumIEEE(body))
	}
	header := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)
	chunk("IHDR", append(header, depth, kind, 0, 0, 0))
	chunk("IDAT", data.Bytes())
	chunk("IEND", nil)
	return b
}

// Every kind of pixel that the formats have, in one channel and in three.
func TestKinds(t *testing.T) {
	two := image.Rect(0, 0, 2, 1)
	dark, light := color.Gray{10}, color.Gray{200}
	orange := color.NRGBA{255, 128, 0, 255}
	half := color.NRGBA64{0xffff, 0, 0, 0x8000} // red, half transparent
	for _, c := range []struct {
		name string
		file []byte
		grey bool
		one  []uint16
		rgb  []uint16
	}{
		{"8-bit grey", asPNG(set(image.NewGray(two), dark, light)), true, []uint16{2570, 51400}, []uint16{2570, 2570, 2570, 51400, 51400, 51400}},
		{"16-bit grey", asPNG(set(image.NewGray16(two), color.Gray16{1}, color.Gray16{65534})), true, []uint16{1, 65534}, []uint16{1, 1, 1, 65534, 65534, 65534}},
		{"grey palette", asPNG(set(image.NewPaletted(two, color.Palette{dark, light}), light, dark)), true, []uint16{51400, 2570}, nil},
		{"colour palette", asPNG(set(image.NewPaletted(two, color.Palette{dark, orange}), orange, dark)), false, nil, []uint16{65535, 32896, 0, 2570, 2570, 2570}},
		{"RGB", asPNG(set(image.NewNRGBA(two), orange, color.White)), false, []uint16{38905, 65535}, []uint16{65535, 32896, 0, 65535, 65535, 65535}},
		{"16-bit RGB", asPNG(set(image.NewNRGBA64(two), color.NRGBA64{1, 2, 3, 0xffff}, color.Black)), false, nil, []uint16{1, 2, 3, 0, 0, 0}},
		{"transparent", asPNG(set(image.NewNRGBA64(two), half, color.Transparent)), false, nil, []uint16{65535, 32767, 32767, 65535, 65535, 65535}},
		{"grey and transparent", rawPNG(2, 1, 8, 4, []byte{0, 10, 255, 10, 0}), true, []uint16{2570, 65535}, nil},
		{"grey of one bit", rawPNG(2, 1, 1, 0, []byte{0, 0x40}), true, []uint16{0, 65535}, nil},
		{"grey JPEG", asJPEG(set(image.NewGray(two), dark, dark)), true, []uint16{2570, 2570}, nil},
	} {
		h, err := ReadHeader(t.Context(), bytes.NewReader(c.file), int64(len(c.file)))
		if err != nil || h.H != 1 || h.W != 2 || h.Grey != c.grey || h.Turned {
			t.Errorf("%s: header %+v, %v", c.name, h, err)
		}
		for channels, want := range map[int][]uint16{1: c.one, 3: c.rgb} {
			if m := read(t, c.file, channels); want != nil && !slices.Equal(m.Pix, want) || m.H != 1 || m.W != 2 || m.C != channels {
				t.Errorf("%s in %d channels: %+v, want %v", c.name, channels, m, want)
			}
		}
	}
}

// A colour JPEG is what image/jpeg says, pixel by pixel.
func TestJPEG(t *testing.T) {
	m := image.NewNRGBA(image.Rect(0, 0, 19, 11))
	for i := range m.Pix {
		m.Pix[i] = byte(i*7) | 3
	}
	file := asJPEG(m)
	want, err := jpeg.Decode(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	got := read(t, file, 3)
	for y := range 11 {
		for x := range 19 {
			r, g, b, _ := want.At(x, y).RGBA()
			if p := got.Pix[(y*19+x)*3:][:3]; uint32(p[0]) != r || uint32(p[1]) != g || uint32(p[2]) != b {
				t.Fatalf("pixel (%d, %d) is %v, want %d %d %d", x, y, p, r, g, b)
			}
		}
	}
}

// The ends of the range are −1 and 1, and bytes are what they are elsewhere: v/127.5 − 1.
func TestFloats(t *testing.T) {
	m := &Image{1, 256, 1, nil}
	for v := range 256 {
		m.Pix = append(m.Pix, uint16(257*v))
	}
	x := make([]float32, 256)
	m.Floats(x)
	for v, got := range x {
		if want := float32(v)/127.5 - 1; got != want {
			t.Errorf("%d becomes %v, want %v", v, got, want)
		}
	}
}

// A header that claims more than the file can hold is an error before memory is taken.
func TestBombs(t *testing.T) {
	for _, c := range []struct {
		name, want string
		file       []byte
	}{
		{"a large PNG", "not believed", rawPNG(1<<15, 1<<15, 8, 2, nil)},
		{"a PNG of 2³¹−1 squared", "", rawPNG(1<<31-1, 1<<31-1, 8, 2, nil)},
		{"a little too large", "at most 1048576", rawPNG(1<<10, 1<<10+1, 8, 0, nil)},
		{"a PNG that only a larger file could hold", "at most 1048576", rawPNG(1<<12, 1<<12, 8, 2, nil)},
		{"a large JPEG", "not believed", bytes.Replace(asJPEG(image.NewGray(image.Rect(0, 0, 8, 8))), []byte{0, 8, 0, 8}, []byte{0xff, 0xff, 0xff, 0xff}, 1)},
		{"no rows", "", rawPNG(1, 0, 8, 0, nil)},
		{"nothing", "it is empty", nil},
		{"text", "none of the pictures that are read: PNG, JPEG, TIFF", []byte("hello")},
		{"a PNG's beginning", "", []byte("\x89PNG\r\n\x1a\n\x00\x00")},
		{"no pixels", "", rawPNG(1000, 1000, 16, 6, []byte{0})},
	} {
		allocs.Bound(t, 32<<20, func() {
			_, err := Decode(t.Context(), bytes.NewReader(c.file), int64(len(c.file)), 3, Range{})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: %v; want an error with %q", c.name, err, c.want)
			}
			// A size that is only claimed, as by an archive, does not help.
			if _, err := Decode(t.Context(), bytes.NewReader(c.file), 1<<40, 3, Range{}); err == nil {
				t.Errorf("%s: no error", c.name)
			}
		})
	}
	if err := believe(1<<14, 1<<14, 1<<40); err == nil {
		t.Error("a quarter of a gigapixel is believed")
	}
	if err := believe(1<<13, 1<<13, 1<<40); err != nil {
		t.Error(err)
	}
}

// chunked returns a PNG with a chunk of a name for each body, before its pixels.
func chunked(file []byte, name string, bodies ...[]byte) []byte {
	var b bytes.Buffer
	p := &pngWriter{w: &b}
	p.raw(file[:33])
	for _, body := range bodies {
		p.chunk(name, body)
	}
	p.raw(file[33:])
	return b.Bytes()
}

// segmented returns a JPEG with a segment of EXIF for each text.
func segmented(file []byte, texts ...[]byte) []byte {
	b := bytes.Clone(file[:2])
	for _, text := range texts {
		b = binary.BigEndian.AppendUint16(append(b, 0xff, 0xe1), uint16(2+len(exifMark)+len(text)))
		b = append(append(b, exifMark...), text...)
	}
	return append(b, file[2:]...)
}

// overlapping returns a TIFF of one page and n more, which claim 65,535 entries each, in the same bytes; the second begins at the byte at.
func overlapping(n int) (file []byte, at int) {
	file = asTIFF(1)
	at = len(file)
	const length = 2 + 12*65535
	binary.LittleEndian.PutUint32(file[at-4:], uint32(at))
	file = append(file, make([]byte, length+4*n)...)
	for i := range n {
		page := file[at+4*i:]
		binary.LittleEndian.PutUint16(page, 65535)
		if i < n-1 {
			binary.LittleEndian.PutUint32(page[length:], uint32(at+4*(i+1)))
		}
	}
	return file, at
}

// Of directories no more is read than is there, and of EXIF and profiles that are there often the first alone: what a file claims in the
// same bytes again and again takes no memory.
func TestClaimsTakeNothing(t *testing.T) {
	many := func(b []byte) [][]byte { return slices.Repeat([][]byte{b}, 1000) }
	claims := []byte("II*\x00\x08\x00\x00\x00\xff\xff")
	grey := image.NewGray(image.Rect(0, 0, 2, 1))
	profiles := slices.Repeat([][]byte{append([]byte("p\x00\x00"), deflated(make([]byte, 16<<20))...)}, 8)
	pages, _ := overlapping(1000)
	for name, file := range map[string][]byte{
		"a TIFF": pages, "EXIF of a PNG": chunked(asPNG(grey), "eXIf", many(claims)...), "EXIF of a JPEG": segmented(asJPEG(grey), many(claims)...),
		"profiles": chunked(asPNG(image.NewNRGBA(image.Rect(0, 0, 2, 1))), "iCCP", profiles...),
	} {
		allocs.Bound(t, 16<<20, func() {
			w, err := ReadWhole(t.Context(), bytes.NewReader(file), int64(len(file)))
			if err != nil || (w.More == 1000) != (name == "a TIFF") {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
}

// Where EXIF or a profile is there more than once the first counts: for how the picture lies, and in another format.
func TestFirstCounts(t *testing.T) {
	grey, six, three := image.NewGray(image.Rect(0, 0, 2, 1)), exifOf(6), exifOf(3)
	webp, err := os.ReadFile("testdata/turned6.webp")
	if err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string][]byte{
		"PNG": chunked(asPNG(grey), "eXIf", six, three), "JPEG": segmented(asJPEG(grey), six, three),
		"WebP": slices.Concat(webp, []byte("EXIF"), binary.LittleEndian.AppendUint32(nil, uint32(len(three))), three),
	} {
		w := whole(t, file)
		again := whole(t, encoded(t, w, map[string]string{"PNG": "JPEG", "JPEG": "PNG", "WebP": "PNG"}[name]))
		if w.orientation != 6 || again.orientation != 6 || again.Image.H != w.Image.H {
			t.Errorf("%s: orientation %d, and %d in another format; the first is 6", name, w.orientation, again.orientation)
		}
	}
	packed := func(s string) []byte { return append([]byte("p\x00\x00"), deflated([]byte(s))...) }
	w := whole(t, chunked(asPNG(grey), "iCCP", packed("first"), packed("second")))
	if got := whole(t, encoded(t, w, "TIFF")).About.ICC; string(got) != "first" {
		t.Errorf("the profile is %q", got)
	}
}

// An ending file ends a context when it is read from some place on.
type ending struct {
	*bytes.Reader
	from int
	end  func()
}

func (e ending) ReadAt(p []byte, at int64) (int, error) {
	if at >= int64(e.from) {
		e.end()
	}
	return e.Reader.ReadAt(p, at)
}

// A TIFF whose pages are not all counted when its context is done has no header, and not fewer pages.
func TestCountingEnds(t *testing.T) {
	file, at := overlapping(1000)
	ctx, end := context.WithCancel(t.Context())
	h, err := ReadHeader(ctx, ending{bytes.NewReader(file), at, end}, int64(len(file)))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%d pages more, %v", h.More, err)
	}
}

func FuzzDecode(f *testing.F) {
	two := image.Rect(0, 0, 2, 3)
	f.Add(asPNG(image.NewGray(two)), true)
	f.Add(asPNG(image.NewNRGBA64(two)), false)
	f.Add(asPNG(image.NewPaletted(two, color.Palette{color.White, color.Transparent})), false)
	f.Add(rawPNG(2, 1, 8, 4, []byte{0, 10, 255, 10, 0}), true)
	f.Add(rawPNG(1<<15, 1<<15, 8, 2, nil), false)
	f.Add(asJPEG(image.NewGray(two)), true)
	f.Add(asJPEG(image.NewNRGBA(two)), false)
	names, _ := filepath.Glob("testdata/*.*")
	names = append(names, "../dicom/testdata/explicit_u12.dcm", "../dicom/testdata/rle_rgb.dcm")
	for _, name := range names {
		if file, err := os.ReadFile(name); err == nil && !strings.HasSuffix(name, ".json") && !strings.HasSuffix(name, ".py") {
			f.Add(file, false)
		}
	}
	f.Fuzz(func(t *testing.T, file []byte, grey bool) {
		channels := 3
		if grey {
			channels = 1
		}
		size := int64(len(file))
		allocs.Bound(t, 32*max(always, perByte*size)+1<<20, func() {
			m, err := Decode(t.Context(), bytes.NewReader(file), size, channels, Range{})
			if err != nil {
				return
			}
			if len(m.Pix) != m.H*m.W*channels || len(m.Pix) == 0 {
				t.Fatalf("%d numbers in %d×%d pixels", len(m.Pix), m.W, m.H)
			}
			h, err := ReadHeader(t.Context(), bytes.NewReader(file), size)
			if err != nil || h.H != m.H || h.W != m.W {
				t.Fatalf("header %+v, %v; image %d×%d", h, err, m.H, m.W)
			}
		})
	})
}
