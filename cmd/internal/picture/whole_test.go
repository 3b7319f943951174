package picture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/image/bmp"
)

func whole(t testing.TB, file []byte) *Whole {
	t.Helper()
	w, err := ReadWhole(t.Context(), bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func encoded(t testing.TB, w *Whole, format string) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := w.Encode(&b, format); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// alike reports whether two pictures have the same pixels, alpha, depth and orientation. JPEG's colours of 8 bits are computed
// in more, which what is written does not have.
func alike(a, b *Whole) bool {
	shift := 16 - a.Depth
	same := func(x, y []uint16) bool {
		return slices.EqualFunc(x, y, func(v, w uint16) bool { return v>>shift == w>>shift })
	}
	return a.Image.H == b.Image.H && a.Image.W == b.Image.W && a.C == b.C && a.Depth == b.Depth && a.orientation == b.orientation &&
		same(a.Pix, b.Pix) && same(a.Alpha, b.Alpha)
}

// Every picture of every format is the same after it was written as PNG or TIFF and read again, upright as Decode has it.
func TestWholeComesBack(t *testing.T) {
	names, err := filepath.Glob("testdata/*.*")
	if err != nil || len(names) < 20 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		if ext := filepath.Ext(name); ext == ".json" || ext == ".py" {
			continue
		}
		file, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		w := whole(t, file)
		if w.Alpha == nil && !slices.Equal(w.Pix, read(t, file, w.C).Pix) {
			t.Errorf("%s is not as Decode reads it", name)
		}
		for _, format := range []string{"PNG", "TIFF"} {
			if back := whole(t, encoded(t, w, format)); !alike(w, back) {
				t.Errorf("%s as %s: %v %d bits, orientation %d; was %v %d bits, %d", name, format, back.Image.C, back.Depth, back.orientation, w.Image.C, w.Depth, w.orientation)
			}
		}
		j := whole(t, encoded(t, w, "JPEG"))
		if j.Image.H != w.Image.H || j.orientation != w.orientation || j.Image.C != w.Image.C {
			t.Errorf("%s as JPEG: orientation %d, was %d", name, j.orientation, w.orientation)
		}
	}
}

// kinds are pictures of all kinds that image/png writes, and grey with alpha, which it does not.
func kinds(t testing.TB) map[string][]byte {
	box := image.Rect(0, 0, 5, 3)
	all := map[string]interface {
		image.Image
		Set(x, y int, c color.Color)
	}{
		"grey": image.NewGray(box), "grey16": image.NewGray16(box), "colour": image.NewRGBA(box), "colour16": image.NewRGBA64(box),
		"alpha": image.NewNRGBA(box), "alpha16": image.NewNRGBA64(box),
	}
	files := map[string][]byte{}
	for name, m := range all {
		a := uint16(0xffff)
		for i := range 15 {
			if strings.HasPrefix(name, "alpha") {
				a = uint16(i * 4369)
			}
			m.Set(i%5, i/5, color.NRGBA64{R: uint16(i * 4001), G: uint16(i * 2003), B: uint16(65535 - i*1777), A: a})
		}
		var b bytes.Buffer
		if err := png.Encode(&b, m); err != nil {
			t.Fatal(err)
		}
		files[name] = b.Bytes()
	}
	for _, depth := range []int{8, 16} {
		var b bytes.Buffer
		m := &Image{2, 2, 1, []uint16{0, 257, 514, 65535}}
		if err := encodePNG(&b, m, []uint16{0, 257, 257 * 128, 65535}, depth, nil); err != nil {
			t.Fatal(err)
		}
		files["grey alpha"+map[int]string{8: "", 16: "16"}[depth]] = b.Bytes()
	}
	return files
}

// Depth, channels and alpha stay; image/png reads what is written as we do.
func TestKindsStay(t *testing.T) {
	for name, file := range kinds(t) {
		w := whole(t, file)
		if (w.Depth == 16) != strings.HasSuffix(name, "16") || (w.C == 1) != strings.HasPrefix(name, "grey") || (w.Alpha != nil) != strings.Contains(name, "alpha") {
			t.Errorf("%s: %d bits, %d channels, alpha %v", name, w.Depth, w.C, w.Alpha != nil)
		}
		for _, format := range []string{"PNG", "TIFF"} {
			if format == "TIFF" && strings.HasPrefix(name, "grey alpha") {
				continue
			}
			if back := whole(t, encoded(t, w, format)); !alike(w, back) {
				t.Errorf("%s as %s: %+v, was %+v", name, format, back, w)
			}
		}
		m, err := png.Decode(bytes.NewReader(encoded(t, w, "PNG")))
		if err != nil {
			t.Fatal(err)
		}
		o, _ := png.Decode(bytes.NewReader(file))
		for i := range w.Image.H * w.Image.W {
			if x, y := i%w.Image.W, i/w.Image.W; m.At(x, y) != o.At(x, y) {
				t.Errorf("%s: pixel %d is %v, was %v", name, i, m.At(x, y), o.At(x, y))
			}
		}
	}
}

// described is a picture with a profile, a resolution, an orientation and words.
func described(t testing.TB) *Whole {
	w := whole(t, kinds(t)["colour16"])
	w.orientation = 6
	w.About = Metadata{ICC: bytes.Repeat([]byte("profile"), 30000), X: 11811, Y: 5906, format: "none"}
	w.Image = w.Image.upright(6)
	return w
}

// Profile, resolution and orientation go from each format to each other, and back to the same bytes.
func TestMetadataGoAlong(t *testing.T) {
	formats := []string{"PNG", "JPEG", "TIFF"}
	for _, first := range formats {
		a := whole(t, encoded(t, described(t), first))
		for _, second := range formats {
			b := whole(t, encoded(t, a, second))
			if !bytes.Equal(b.About.Profile(), described(t).About.ICC) || b.orientation != 6 || b.Image.H != 5 || b.Image.W != 3 {
				t.Errorf("%s, %s: %d bytes of profile, orientation %d", first, second, len(b.About.Profile()), b.orientation)
			}
			if x, y := perInch(b.About.X), perInch(b.About.Y); x != 300 || y != 150 {
				t.Errorf("%s, %s: %d × %d an inch", first, second, x, y)
			}
			if c := whole(t, encoded(t, b, second)); !slices.EqualFunc(c.About.Own, b.About.Own, func(x, y Chunk) bool {
				return x.Name == y.Name && x.Tag == y.Tag && x.Type == y.Type && bytes.Equal(x.Body, y.Body)
			}) {
				t.Errorf("%s: its own metadata changed", second)
			}
		}
	}
}

// The words of a PNG stay byte for byte; what says how pixels are stored does not.
func TestOwnChunksStay(t *testing.T) {
	file := encoded(t, whole(t, kinds(t)["grey16"]), "PNG")
	var b bytes.Buffer
	p := &pngWriter{w: &b}
	p.raw(file[:33])
	for _, name := range []string{"gAMA", "sRGB", "tEXt", "tIME", "bKGD"} {
		p.chunk(name, []byte{0, 0, 177, 143})
	}
	p.raw(file[33:])
	m := metadata("PNG", b.Bytes())
	var names []string
	for _, c := range m.Own {
		names = append(names, c.Name)
	}
	if got := strings.Join(names, " "); got != "gAMA sRGB tEXt" {
		t.Error(got)
	}
}

// A profile of four inks does not stay with a picture of three colours.
func TestInksGo(t *testing.T) {
	file, err := os.ReadFile("testdata/cmyk.jpg")
	if err != nil {
		t.Fatal(err)
	}
	mark := append([]byte{0xff, 0xe2, 0, 0}, append(bytes.Clone(iccMark), 1, 1, 'x')...)
	binary.BigEndian.PutUint16(mark[2:], uint16(len(mark)-2))
	w := whole(t, slices.Concat(file[:2], mark, file[2:]))
	if w.C != 3 || w.About.ICC != nil || bytes.Contains(encoded(t, w, "JPEG"), iccMark) {
		t.Errorf("%d channels, profile %q", w.C, w.About.ICC)
	}
	if w, without := w.About.Left, whole(t, file).About.Left; !slices.Equal(w, []string{"profile"}) || without != nil {
		t.Errorf("left: %q, without a profile %q", w, without)
	}
}

// A lossless WebP that is opaque has no alpha, nor has a BMP of 32 bits, though their decoders give them one; a WebP that has alpha
// keeps it, the lossy kind too.
func TestAlphaOfDecoders(t *testing.T) {
	lossless, err := os.ReadFile("testdata/lossless.webp")
	lossy, err2 := os.ReadFile("testdata/lossy_alpha.webp")
	var b bytes.Buffer
	err3 := bmp.Encode(&b, image.NewNRGBA(image.Rect(0, 0, 2, 2))) // of 32 bits, as it is not opaque; but its head is one without alpha
	if err := errors.Join(err, err2, err3); err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string][]byte{"WebP": lossless, "BMP": b.Bytes()} {
		if w := whole(t, file); w.Alpha != nil {
			t.Errorf("a %s has alpha, %d in the first pixel", name, w.Alpha[0])
		}
	}
	if w := whole(t, lossy); w.Alpha == nil || w.Alpha[0] != 65535 || w.Alpha[31] != 257*128 || w.Pix[0] != 0 || w.Pix[3*31] != 65535 {
		t.Errorf("alpha of %d pixels is not 65535 and half of it, or their colours are not black and white", len(w.Alpha))
	}
}

// What a file says and is not read is named: of a TIFF EXIF, places of satellites and tags that are not known, here of a page's name, IPTC,
// Photoshop, GeoTIFF and a private one; of a WebP XMP. Of what says how the pixels are stored, and of what is read, nothing is.
func TestLeft(t *testing.T) {
	of := func(tags ...uint16) string {
		var all []Chunk
		for _, tag := range tags {
			all = append(all, Chunk{Tag: tag, Type: typeLong, Body: []byte{8, 0, 0, 0}})
		}
		return strings.Join(whole(t, asTIFF(1, all...)).About.Left, " ")
	}
	for tag, want := range map[uint16]string{tagEXIF: "exif", tagGPS: "exif", 285: "tags", 33723: "tags", 34377: "tags", 34735: "tags", 65000: "tags", 700: "", 254: "", 297: ""} {
		if got := of(tag); got != want {
			t.Errorf("of tag %d %q is named, want %q", tag, got, want)
		}
	}
	if got := of(33723, 34377, tagEXIF, tagGPS); got != "tags exif" {
		t.Errorf("of several %q", got)
	}
	if got := whole(t, encoded(t, described(t), "TIFF")).About.Left; got != nil {
		t.Errorf("of a TIFF of ours %q", got)
	}
	if m := metadata("WebP", []byte("RIFF????WEBPXMP \x02\x00\x00\x00ab")); !slices.Equal(m.Left, []string{"xmp"}) {
		t.Errorf("of a WebP %q", m.Left)
	}
}

// SetFloats is the inverse of Floats at both depths, and brings in what is outside.
func TestSetFloats(t *testing.T) {
	for name, file := range kinds(t) {
		w := whole(t, file)
		x := make([]float32, len(w.Pix))
		w.Floats(x)
		z := whole(t, file)
		clear(z.Pix)
		if err := z.SetFloats(x); err != nil || !alike(w, z) {
			t.Errorf("%s: %v, was %v (%v)", name, z.Pix, w.Pix, err)
		}
	}
	w := whole(t, kinds(t)["grey"])
	x := make([]float32, len(w.Pix))
	before := slices.Clone(x)
	x[7], x[9] = 1.5, -1
	if err := w.SetFloats(x); err != nil || w.Pix[7] != 65535 || w.Pix[9] != 0 {
		t.Error(w.Pix, err)
	}
	if e := EndsOf(x, before, 5, 1); e != (Ends{1, 1, 1, 2, 0, 15}) {
		t.Errorf("%+v", e)
	}
	x[3] /= x[3]
	if err := w.SetFloats(x); err == nil || !strings.Contains(err.Error(), "column 3 is NaN") {
		t.Error(err)
	}
}

// A JPEG's pixels come back as image/jpeg of the same quality has them: nothing but segments is added.
func TestJPEGIsOfItsQuality(t *testing.T) {
	w := whole(t, kinds(t)["grey"])
	var b bytes.Buffer
	if err := jpeg.Encode(&b, w.Image.bytes(nil), &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(encoded(t, w, "JPEG"), b.Bytes()) {
		t.Error("it is another file")
	}
	if err := w.Encode(&b, "GIF"); err == nil {
		t.Error("GIF is written")
	}
}

// Whatever a file holds beside its pixels, what is written of it is read again, and is the same when written again.
func FuzzWhole(f *testing.F) {
	for _, file := range kinds(f) {
		f.Add(file)
	}
	for _, format := range []string{"PNG", "JPEG", "TIFF"} {
		f.Add(encoded(f, described(f), format))
	}
	for _, name := range []string{"turned6.webp", "lossy_alpha.webp", "turned7.tif", "turned8.jpg", "grey.bmp", "frames.gif", "cmyk.jpg"} {
		file, err := os.ReadFile("testdata/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(file)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		if r, err := Page(bytes.NewReader(file), 1); err == nil { // which is a picture or an error, too
			ReadWhole(t.Context(), r, int64(len(file)))
		}
		w, err := ReadWhole(t.Context(), bytes.NewReader(file), int64(len(file)))
		if err != nil || w.Image.H*w.Image.W > 1<<16 {
			return
		}
		for _, format := range []string{"PNG", "JPEG", "TIFF"} {
			if format == "TIFF" && w.C == 1 && w.Alpha != nil {
				continue
			}
			one := encoded(t, w, format)
			back := whole(t, one)
			if format != "JPEG" && !alike(w, back) {
				t.Fatalf("%s: %+v, was %+v", format, back, w)
			}
			if format != "JPEG" && !bytes.Equal(encoded(t, back, format), one) {
				t.Fatalf("%s: another file the second time", format)
			}
		}
	})
}
