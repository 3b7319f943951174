package dicom

import (
	"encoding/binary"
	"fmt"
)

// A Tag is the group and the element number of an element: 0x00280010 is (0028,0010), Rows.
type Tag uint32

// The tags that are read or set.
const (
	metaLength         Tag = 0x00020000
	metaVersion        Tag = 0x00020001
	metaClass          Tag = 0x00020002
	metaInstance       Tag = 0x00020003
	metaSyntax         Tag = 0x00020010
	metaImplementation Tag = 0x00020012
	metaVersionName    Tag = 0x00020013
	metaPrivate        Tag = 0x00020100
	characterSet       Tag = 0x00080005
	imageType          Tag = 0x00080008
	sopClass           Tag = 0x00080016
	sopInstance        Tag = 0x00080018
	referencedClass    Tag = 0x00081150
	referencedInstance Tag = 0x00081155
	derivation         Tag = 0x00082111
	sourceImages       Tag = 0x00082112
	seriesInstance     Tag = 0x0020000E
	samplesPerPixel    Tag = 0x00280002
	photometric        Tag = 0x00280004
	planar             Tag = 0x00280006
	numberOfFrames     Tag = 0x00280008
	rows               Tag = 0x00280010
	columns            Tag = 0x00280011
	bitsAllocated      Tag = 0x00280100
	bitsStored         Tag = 0x00280101
	highBit            Tag = 0x00280102
	representation     Tag = 0x00280103
	smallestValue      Tag = 0x00280106
	largestValue       Tag = 0x00280107
	paddingValue       Tag = 0x00280120
	paddingLimit       Tag = 0x00280121
	windowCentre       Tag = 0x00281050
	windowWidth        Tag = 0x00281051
	rescaleIntercept   Tag = 0x00281052
	rescaleSlope       Tag = 0x00281053
	windowName         Tag = 0x00281055
	windowFunction     Tag = 0x00281056
	lossy              Tag = 0x00282110
	frameOffsets       Tag = 0x7FE00001
	frameLengths       Tag = 0x7FE00002
	floatPixels        Tag = 0x7FE00008
	doublePixels       Tag = 0x7FE00009
	pixelData          Tag = 0x7FE00010
	item               Tag = 0xFFFEE000
	itemEnd            Tag = 0xFFFEE00D
	sequenceEnd        Tag = 0xFFFEE0DD
)

// String writes the tag as the standard does.
func (t Tag) String() string { return fmt.Sprintf("(%04X,%04X)", uint32(t)>>16, uint32(t)&0xffff) }

func (t Tag) group() uint32 { return uint32(t) >> 16 }

// A vr is a value representation, two letters; zero where the syntax does not say it.
type vr [2]byte

var unknownVR = vr{'U', 'N'}

// short reports whether the length of an explicit element has 16 bits. All representations that are not in the list have 32,
// as the standard promises of those that are still to come.
func (v vr) short() bool {
	switch string(v[:]) {
	case "AE", "AS", "AT", "CS", "DA", "DS", "DT", "FL", "FD", "IS", "LO", "LT", "PN", "SH", "SL", "SS", "ST", "TM", "UI", "UL", "US":
		return true
	}
	return false
}

func (v vr) letters() bool {
	return v[0] >= 'A' && v[0] <= 'Z' && v[1] >= 'A' && v[1] <= 'Z'
}

// An element is one of the outermost of a data set: its bytes in the file, and its value among them. A value of undefined
// length is its items.
type element struct {
	tag       Tag
	vr        vr
	undefined bool
	raw       []byte
	value     []byte
}

// An Error says where a file breaks the rules.
type Error struct {
	Tag    Tag // 0: of no element
	At     int // the byte in the file, or in what it unpacks to
	Reason string
}

// Error says what and where.
func (e *Error) Error() string {
	if e.Tag == 0 {
		return fmt.Sprintf("at byte %d: %s", e.At, e.Reason)
	}
	return fmt.Sprintf("element %v at byte %d: %s", e.Tag, e.At, e.Reason)
}

const (
	undefinedLength = 0xFFFFFFFF
	maxDepth        = 64      // of sequences in sequences
	maxElements     = 1 << 16 // outermost
)

// A parser walks through the bytes of a data set.
type parser struct {
	b  []byte
	at int
}

// A head is what stands before a value.
type head struct {
	tag    Tag
	vr     vr
	start  int // of the head
	length uint32
}

func (p *parser) fail(h head, format string, args ...any) error {
	return &Error{h.tag, h.start, fmt.Sprintf(format, args...)}
}

// more reports whether there are bytes left.
func (p *parser) more() bool { return p.at < len(p.b) }

// tag returns the next tag without passing it.
func (p *parser) tag() (Tag, bool) {
	if len(p.b)-p.at < 4 {
		return 0, false
	}
	return Tag(binary.LittleEndian.Uint16(p.b[p.at:]))<<16 | Tag(binary.LittleEndian.Uint16(p.b[p.at+2:])), true
}

// head passes the head of an element or item.
func (p *parser) head(explicit bool) (h head, err error) {
	h.start = p.at
	t, ok := p.tag()
	if !ok || len(p.b)-p.at < 8 {
		return h, p.fail(h, "%d bytes are left and an element takes 8; the file is cut off or damaged", len(p.b)-p.at)
	}
	h.tag = t
	b := p.b[p.at+4:]
	p.at += 8
	if !explicit || t.group() == item.group() {
		h.length = binary.LittleEndian.Uint32(b)
		return h, nil
	}
	h.vr = vr{b[0], b[1]}
	switch {
	case !h.vr.letters():
		return h, p.fail(h, "its value representation is %q, which is none; the file is damaged", b[:2])
	case h.vr.short():
		h.length = uint32(binary.LittleEndian.Uint16(b[2:]))
	case len(b) < 8:
		return h, p.fail(h, "its length is cut off")
	default:
		h.length = binary.LittleEndian.Uint32(b[4:])
		p.at += 4
	}
	return h, nil
}

// pass passes the value of defined length.
func (p *parser) pass(h head) error {
	if uint64(h.length) > uint64(len(p.b)-p.at) {
		return p.fail(h, "its length is %d and %d bytes are left; the file is cut off or damaged", h.length, len(p.b)-p.at)
	}
	p.at += int(h.length)
	return nil
}

// element passes an element.
func (p *parser) element(explicit bool) (element, error) {
	h, err := p.head(explicit)
	if err != nil {
		return element{}, err
	}
	if h.tag.group() == item.group() {
		return element{}, p.fail(h, "an item is in no sequence; the file is damaged")
	}
	from, to := p.at, 0
	if h.length == undefinedLength {
		to, err = p.items(h, explicit, 1)
	} else {
		err = p.pass(h)
		to = p.at
	}
	if err != nil {
		return element{}, err
	}
	return element{h.tag, h.vr, h.length == undefinedLength, p.b[h.start:p.at:p.at], p.b[from:to:to]}, nil
}

// items passes the items of a sequence of undefined length, and returns where the last of them ends. A sequence that is in the
// file as unknown has implicit representations (PS3.5, 6.2.2).
func (p *parser) items(of head, explicit bool, depth int) (end int, err error) {
	if depth > maxDepth {
		return 0, p.fail(of, "more than %d sequences are in one another", maxDepth)
	}
	explicit = explicit && of.vr != unknownVR
	for {
		end = p.at
		h, err := p.head(explicit)
		switch {
		case err != nil:
			return 0, err
		case h.tag == sequenceEnd:
			return end, nil
		case h.tag != item:
			return 0, p.fail(h, "it stands where an item of %v must; the file is damaged", of.tag)
		case h.length != undefinedLength:
			err = p.pass(h)
		default:
			err = p.inside(explicit, depth)
		}
		if err != nil {
			return 0, err
		}
	}
}

// inside passes the elements of an item of undefined length, and its end.
func (p *parser) inside(explicit bool, depth int) error {
	for {
		h, err := p.head(explicit)
		switch {
		case err != nil:
			return err
		case h.tag == itemEnd:
			return nil
		case h.tag.group() == item.group():
			return p.fail(h, "an item is in no sequence; the file is damaged")
		case h.length == undefinedLength:
			_, err = p.items(h, explicit, depth+1)
		default:
			err = p.pass(h)
		}
		if err != nil {
			return err
		}
	}
}

// elements passes all that is left.
func (p *parser) elements(explicit bool) (all []element, err error) {
	for p.more() {
		e, err := p.element(explicit)
		if err != nil {
			return nil, err
		}
		if n := len(all); n > 0 && all[n-1].tag >= e.tag {
			return nil, &Error{e.tag, p.at - len(e.raw), fmt.Sprintf("it stands after %v; "+
				"elements must ascend: sort them with dcmconv IN.dcm OUT.dcm", all[n-1].tag)}
		}
		if len(all) == maxElements {
			return nil, &Error{e.tag, p.at - len(e.raw), fmt.Sprintf("there are more than %d elements", maxElements)}
		}
		all = append(all, e)
	}
	return all, nil
}
