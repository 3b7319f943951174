package dicom

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"testing"
)

var denoised = Derivation{"denoised, sigma 0.1", "00c0ffee"}

// derive returns the file that is written.
func derive(t testing.TB, f *File, frames [][]int32) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := f.WriteDerived(&b, frames, denoised); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// changes has the elements that a derived image may have otherwise than the original.
var changes = []Tag{imageType, sopClass, sopInstance, derivation, sourceImages, seriesInstance, photometric, planar, smallestValue, largestValue, lossy, pixelData}

// Values that did not change come back, and with them every element but those named, byte for byte; the file is in its syntax without
// compression, and the bytes of pixels that were not compressed are the same.
func TestUnchanged(t *testing.T) {
	for _, g := range goldens {
		f := open(t, g.name)
		z := decode(t, derive(t, f, all(t, f)))
		if !slices.EqualFunc(all(t, z), all(t, f), slices.Equal) {
			t.Errorf("%s: other values come back", g.name)
		}
		if want := map[bool]string{true: implicitLE, false: explicitLE}[g.syntax == implicitLE]; z.Syntax.UID != want {
			t.Errorf("%s is written in %v, want %s", g.name, z.Syntax, want)
		}
		for _, e := range f.elements {
			same := find(z.elements, e.tag)
			if same == nil || !slices.Contains(changes, e.tag) && !bytes.Equal(same.raw, e.raw) {
				t.Errorf("%s: element %v does not stay", g.name, e.tag)
			}
		}
		if before, after := find(f.elements, pixelData), find(z.elements, pixelData); !f.Syntax.encapsulated() && !f.ybr() && !bytes.Equal(before.raw, after.raw) {
			t.Errorf("%s: the pixels' bytes are others", g.name)
		}
		want := f.Header
		if f.converted() && f.Samples == 3 {
			want.Photometric = rgb
		}
		if z.Header != want {
			t.Errorf("%s: %+v becomes %+v", g.name, f.Header, z.Header)
		}
	}
}

// Other values come back as they are, whatever the bits beside them.
func TestOtherValues(t *testing.T) {
	for _, g := range goldens {
		f := open(t, g.name)
		frames, r := all(t, f), f.Range()
		for i := range frames {
			for k, v := range frames[i] {
				frames[i][k] = r.Lo + (v-r.Lo+int32(37*k)+r.Hi/2)%(r.Hi-r.Lo+1)
			}
		}
		z := decode(t, derive(t, f, frames))
		if !slices.EqualFunc(all(t, z), frames, slices.Equal) {
			t.Errorf("%s: other values come back", g.name)
		}
		if g.name == "overlay_u10" {
			w, err := z.words(t.Context(), 0)
			if err != nil || w[3]&0xE005 != 0xE005 {
				t.Errorf("bits beside the value are lost: %#x, %v", w[3], err)
			}
		}
		if g.name == "explicit_s12" { // programs that take 16 bits for the value must see its sign
			w, err := z.words(t.Context(), 0)
			for k, v := range w {
				if int32(int16(v)) != frames[0][k] {
					t.Fatalf("the word of %d is %#x, %v", frames[0][k], v, err)
				}
			}
		}
	}
}

// A derived image says what it is, of what, and how it was made.
func TestSays(t *testing.T) {
	f := open(t, "explicit_u12")
	frames := all(t, f)
	frames[0][4] = 4095
	b := derive(t, f, frames)
	z := decode(t, b)
	uid := text(find(z.elements, sopInstance))
	for tag, want := range map[Tag]string{
		imageType:     `DERIVED\PRIMARY\OTHER`,
		derivation:    "denoised, sigma 0.1; model 00c0ffee",
		lossy:         "00",
		largestValue:  "\xff\x0f",
		smallestValue: "",
	} {
		if got := text(find(z.elements, tag)); got != want {
			t.Errorf("%v is %q, want %q", tag, got, want)
		}
	}
	if !strings.HasPrefix(uid, "2.25.") || len(uid) > 64 || uid != text(find(z.meta, metaInstance)) {
		t.Errorf("the UID is %q, and %q in the meta information", uid, text(find(z.meta, metaInstance)))
	}
	if source, _ := z.Value(sourceImages); !bytes.Contains(source, []byte("1.2.3.4.5")) {
		t.Errorf("the source is %q", source)
	}
	if !bytes.Equal(b, derive(t, f, frames)) {
		t.Error("the same image is written otherwise")
	}
	frames[0][4]--
	if other := text(find(decode(t, derive(t, f, frames)).elements, sopInstance)); other == uid {
		t.Error("another image has the same UID")
	}
	length := binary.LittleEndian.Uint32(find(z.meta, metaLength).value)
	if at := preamble + len(magic) + 12 + int(length); !bytes.HasPrefix(b[at:], []byte{8, 0, 8, 0}) {
		t.Errorf("the meta information's length %d does not lead to the data set", length)
	}
	again := decode(t, derive(t, z, all(t, z)))
	if got := text(find(again.elements, derivation)); strings.Count(got, "denoised") != 2 {
		t.Errorf("the second derivation says %q", got)
	}
	if jpeg := open(t, "jpeg_grey"); text(find(decode(t, derive(t, jpeg, all(t, jpeg))).elements, lossy)) != "01" {
		t.Error("an image that was JPEG does not say that it was")
	}
}

// What is derived in one way from the images of a series is a series, another than theirs, and one that another derivation's is not. An
// image of no series stays one.
func TestSeries(t *testing.T) {
	series := func(f *File, d Derivation) string {
		var b bytes.Buffer
		if err := f.WriteDerived(&b, all(t, f), d); err != nil {
			t.Fatal(err)
		}
		return text(find(decode(t, b.Bytes()).elements, seriesInstance))
	}
	one, two := open(t, "explicit_u12"), open(t, "implicit_s16")
	before := text(find(one.elements, seriesInstance))
	if before == "" || before != text(find(two.elements, seriesInstance)) {
		t.Fatal("the files are of no series, or of two")
	}
	uid := series(one, denoised)
	if uid == before || !strings.HasPrefix(uid, "2.25.") || series(two, denoised) != uid {
		t.Errorf("of series %q become %q and %q", before, uid, series(two, denoised))
	}
	for _, d := range []Derivation{{"denoised, sigma 0.2", "00c0ffee"}, {"denoised, sigma 0.1", "00c0ffef"}} {
		if series(one, d) == uid {
			t.Errorf("%v has the series of another derivation", d)
		}
	}
	one.elements = slices.DeleteFunc(one.elements, func(e element) bool { return e.tag == seriesInstance })
	if got := series(one, denoised); got != "" {
		t.Errorf("an image of no series is in %q", got)
	}
}

// The file's own description stays as long as the new one fits behind it, and whether it does is known before.
func TestDrops(t *testing.T) {
	said, err := denoised.text()
	if err != nil {
		t.Fatal(err)
	}
	room := 1024 - len("; ") - len(said)
	for n, drops := range map[int]bool{0: false, 1: false, room: false, room + 1: true, 1024: true} {
		f := open(t, "explicit_u12")
		old := strings.Repeat("a", n)
		f.elements = slices.Collect(merge(f.elements, []element{{tag: derivation, raw: encode(derivation, "ST", old, true), value: []byte(old)}}))
		got := text(find(decode(t, derive(t, f, all(t, f))).elements, derivation))
		if f.Drops(denoised) != drops || strings.HasPrefix(got, old) == drops || !strings.HasSuffix(got, said) || len(got) > 1024 {
			t.Errorf("of %d characters: dropped %v, want %v; %q", n, f.Drops(denoised), drops, got)
		}
	}
}

// Characters of UTF-8 are counted as such, where the file says that its texts are of them; else bytes are.
func TestDropsByCharacters(t *testing.T) {
	said, err := denoised.text()
	if err != nil {
		t.Fatal(err)
	}
	room := 1024 - len("; ") - len(said)
	for _, c := range []struct {
		set   string
		n     int
		drops bool
	}{{"ISO_IR 192", room, false}, {"ISO_IR 192", room + 1, true}, {"ISO_IR 100", room, true}, {"ISO_IR 100", room / 2, false}, {"", room, true}} {
		f, old := open(t, "explicit_u12"), strings.Repeat("é", c.n)
		f.elements = slices.Collect(merge(f.elements, []element{{tag: characterSet, raw: encode(characterSet, "CS", c.set, true), value: []byte(c.set)},
			{tag: derivation, raw: encode(derivation, "ST", old, true), value: []byte(old)}}))
		got := text(find(decode(t, derive(t, f, all(t, f))).elements, derivation))
		if f.Drops(denoised) != c.drops || strings.HasPrefix(got, old) == c.drops || !strings.HasSuffix(got, said) {
			t.Errorf("%d in %q: dropped %v, want %v; %q", c.n, c.set, f.Drops(denoised), c.drops, got)
		}
	}
}

// replace gives a file an element of another text, of a length of 32 bits.
func replace(f *File, tag Tag, s string) {
	e := element{tag: tag, raw: encode(tag, "UT", s, f.Syntax.explicit()), value: []byte(s)}
	f.elements = slices.Collect(merge(f.elements, []element{e}))
}

// Texts of the file that are too long for elements that are written anew are an error, and the longest that are not come back.
func TestLongTexts(t *testing.T) {
	for _, name := range []string{"explicit_u12", "implicit_s16"} {
		for tag, want := range map[Tag]string{imageType: `DERIVED\`, sopClass: "", sopInstance: ""} {
			f := open(t, name)
			text16 := strings.Repeat("1", 65534-len(want))
			kept := map[bool]string{true: `x\`}[tag == imageType] + text16
			replace(f, tag, kept)
			z := decode(t, derive(t, f, all(t, f)))
			if got := text(find(z.elements, tag)); tag != sopInstance && got != want+text16 {
				t.Errorf("%s, %v: %d bytes come back, %d were wanted", name, tag, len(got), len(want+text16))
			}
			replace(f, tag, kept+"1")
			var b bytes.Buffer
			if err := f.WriteDerived(&b, all(t, f), denoised); err == nil || !strings.Contains(err.Error(), tag.String()) || b.Len() > 0 {
				t.Errorf("%s, %v of 65535 bytes: %v, and %d bytes are written", name, tag, err, b.Len())
			}
		}
	}
}

// A class that is there and empty becomes Secondary Capture in the data set as it does in the meta information.
func TestEmptyClass(t *testing.T) {
	f := open(t, "explicit_u12")
	replace(f, sopClass, "")
	z := decode(t, derive(t, f, all(t, f)))
	if got, want := text(find(z.elements, sopClass)), text(find(z.meta, metaClass)); got != want || got == "" {
		t.Errorf("the class is %q, and %q in the meta information", got, want)
	}
}

// What cannot be written is an error that says why.
func TestCannotWrite(t *testing.T) {
	f := open(t, "explicit_u12")
	good := all(t, f)
	high := [][]int32{slices.Clone(good[0])}
	high[0][3] = 4096
	for want, c := range map[string]struct {
		frames [][]int32
		d      Derivation
	}{
		"0 frames":           {nil, denoised},
		"must have 30":       {[][]int32{{1}}, denoised},
		"value 3 is 4096":    {high, denoised},
		"printable ASCII":    {good, Derivation{Description: "a\x00b"}},
		"of 1 to 1024":       {good, Derivation{}},
		"characters, and is": {good, Derivation{Description: strings.Repeat("a", 1025)}},
	} {
		var b bytes.Buffer
		if err := f.WriteDerived(&b, c.frames, c.d); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want an error with %q", err, want)
		}
		if b.Len() > 0 {
			t.Errorf("%q: %d bytes were written before the error", want, b.Len())
		}
	}
}
