package dicom

import (
	"bufio"
	"cmp"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// A Derivation says how an image was made of another.
type Derivation struct {
	Description string // in printable ASCII, as "denoised, sigma 0.1"
	ModelHash   string // of the network's weights
}

// maxText bounds a description; the element has at most 1024 characters.
const maxText = 1024

// utf8Set is what a file in UTF-8 says of its characters.
const utf8Set = "ISO_IR 192"

// text returns what stands in the file.
func (d Derivation) text() (string, error) {
	s := d.Description
	if d.ModelHash != "" {
		s += "; model " + d.ModelHash
	}
	outside := strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' })
	if strings.TrimSpace(s) == "" || outside || len(s) > maxText {
		return "", fmt.Errorf("a derivation's text must be of 1 to %d printable ASCII characters, and is %.40q", maxText, s)
	}
	return s, nil
}

// WriteDerived writes the file with other values, as frames of the lengths that Frame gives, each within Range. All elements of
// the data set stay, byte for byte, but for these:
//
//   - the pixels, without compression, in the depth, the stored bits and the layout of the file. Colours that are YBR_… or JPEG
//     there become RGB, pixel by pixel;
//   - Image Type, whose first value becomes DERIVED; Derivation Description, which the derivation is added to, or replaces where
//     Drops says so; Source Image Sequence, which names the original if there is none; and the SOP Instance UID, a hash of all that;
//   - the Series Instance UID, where it is: one for all that is derived in the same way from the images of a series;
//   - the smallest and largest pixel value, where they are; Lossy Image Compression, which becomes 01 if the file is JPEG;
//   - the SOP Class UID, if there is none, which becomes Secondary Capture;
//   - lengths of the groups 0008, 0028 and 7FE0 (retired) and tables of compressed frames, which go.
//
// The syntax is Implicit VR Little Endian if the file's is that, else Explicit VR Little Endian. An Image Type or a UID of the file that is
// too long for its element is an error.
func (f *File) WriteDerived(w io.Writer, frames [][]int32, d Derivation) error {
	if err := f.checkFrames(frames); err != nil {
		return err
	}
	uid, err := f.newUID(frames, d)
	if err != nil {
		return err
	}
	changed, err := f.changed(uid, frames, d)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(w, 1<<16)
	out.Write(f.metaBytes(uid))
	for e := range merge(f.elements, changed) {
		switch {
		case e.tag == pixelData:
			err = f.writePixels(out, frames)
		case !goes(e.tag):
			_, err = out.Write(e.raw)
		}
		if err != nil {
			return err
		}
	}
	return out.Flush()
}

// between stands between one derivation and the next.
const between = "; "

// Drops reports whether WriteDerived leaves the file's own Derivation Description out: with the new one it would be too long.
func (f *File) Drops(d Derivation) bool {
	old := text(find(f.elements, derivation))
	said, err := d.text()
	return old != "" && err == nil && f.characters(old)+len(between)+len(said) > maxText
}

// characters counts those of a text of the file, where they are in UTF-8; in all other sets, of which some have characters of several
// bytes, it counts bytes.
func (f *File) characters(s string) int {
	if text(find(f.elements, characterSet)) == utf8Set {
		return utf8.RuneCountInString(s)
	}
	return len(s)
}

// goes reports whether an element would say what is no longer so.
func goes(t Tag) bool {
	switch t {
	case 0x00080000, 0x00280000, 0x7FE00000, frameOffsets, frameLengths:
		return true
	}
	return false
}

// checkFrames returns an error unless all values can be stored.
func (f *File) checkFrames(frames [][]int32) error {
	if len(frames) != f.Frames {
		return fmt.Errorf("there are %d frames to write; the file has %d", len(frames), f.Frames)
	}
	if n := f.pixelBytes(); n >= undefinedLength {
		return fmt.Errorf("the pixels take %d bytes without compression; a DICOM element has less than 2³²", n)
	}
	r := f.Range()
	for i, frame := range frames {
		if len(frame) != f.size() {
			return fmt.Errorf("frame %d has %d values; it must have %d", i, len(frame), f.size())
		}
		for k, v := range frame {
			if v < r.Lo || v > r.Hi {
				return fmt.Errorf("frame %d, value %d is %d; %d bits hold %d to %d", i, k, v, f.BitsStored, r.Lo, r.Hi)
			}
		}
	}
	return nil
}

// changed returns the elements that are another's, in the order of their tags.
func (f *File) changed(uid string, frames [][]int32, d Derivation) ([]element, error) {
	said, err := d.text()
	if err == nil {
		err = f.checkTexts()
	}
	if err != nil {
		return nil, err
	}
	if old := text(find(f.elements, derivation)); old != "" && !f.Drops(d) {
		said = old + between + said
	}
	z := []element{
		f.element(imageType, "CS", f.derivedType()),
		f.element(sopInstance, "UI", uid),
		f.element(derivation, "ST", said),
	}
	if original := text(find(f.elements, sopInstance)); original != "" && find(f.elements, sourceImages) == nil {
		z = append(z, f.source(original))
	}
	if series := text(find(f.elements, seriesInstance)); series != "" {
		z = append(z, f.element(seriesInstance, "UI", newSeries(series, d)))
	}
	if text(find(f.elements, sopClass)) == "" {
		z = append(z, f.element(sopClass, "UI", f.class()))
	}
	if f.converted() && f.Samples == 3 {
		z = append(z, f.element(photometric, "CS", rgb), f.element(planar, "US", "\x00\x00"))
	}
	z = append(z, f.extremes(frames)...)
	if f.Syntax.UID == jpegBase {
		z = append(z, f.element(lossy, "CS", "01"))
	}
	slices.SortFunc(z, func(a, b element) int { return cmp.Compare(a.tag, b.tag) })
	return z, nil
}

// maxShort bounds a value whose length has 16 bits, and is even.
const maxShort = 65534

// checkTexts returns an error unless the texts that are written anew are as long as their elements can be.
func (f *File) checkTexts() error {
	for _, e := range []struct {
		tag  Tag
		text string
	}{{imageType, f.derivedType()}, {sopClass, f.class()}, {sopInstance, text(find(f.elements, sopInstance))}} {
		if len(e.text) > maxShort {
			return fmt.Errorf("element %v would take %d bytes, and can have %d; the file is damaged: take another copy of it", e.tag, len(e.text), maxShort)
		}
	}
	return nil
}

// class is the class of the image; of one that says none, Secondary Capture.
func (f *File) class() string {
	if class := text(find(f.elements, sopClass)); class != "" {
		return class
	}
	return "1.2.840.10008.5.1.4.1.1.7"
}

// derivedType is the image type with DERIVED for its first value.
func (f *File) derivedType() string {
	_, rest, more := strings.Cut(text(find(f.elements, imageType)), "\\")
	if !more {
		rest = "SECONDARY"
	}
	return "DERIVED\\" + rest
}

// source is a sequence with one item, which names the original.
func (f *File) source(original string) element {
	inside := append(f.element(referencedClass, "UI", f.class()).raw, f.element(referencedInstance, "UI", original).raw...)
	one := binary.LittleEndian.AppendUint32(tagBytes(item), uint32(len(inside)))
	return f.element(sourceImages, "SQ", string(append(one, inside...)))
}

// extremes returns the smallest and largest pixel value anew, those of them that the file has.
func (f *File) extremes(frames [][]int32) (z []element) {
	r := Range{math.MaxInt32, math.MinInt32}
	for _, values := range frames {
		f.widen(&r, values)
	}
	for _, t := range []Tag{smallestValue, largestValue} {
		e := find(f.elements, t)
		if e == nil || r.Lo > r.Hi {
			continue
		}
		v := r.Lo
		if t == largestValue {
			v = r.Hi
		}
		name := map[bool]string{false: "US", true: "SS"}[f.Signed]
		z = append(z, f.element(t, name, string(binary.LittleEndian.AppendUint16(nil, uint16(v)))))
	}
	return z
}
