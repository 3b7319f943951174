package hdf5

import "fmt"

// A Class is a kind of elements.
type Class int

// The classes of elements.
const (
	Integer Class = iota
	Float
	Text    // of fixed length
	VarText // of any length
)

// A Type says what the elements of an array are.
type Type struct {
	Class     Class
	Size      int  // bytes of an element, in the array
	Signed    bool // of Integer
	BigEndian bool
	padding   int // of Text: 0 ends with a zero, 1 zeros follow, 2 spaces follow
}

// String says it as "int16".
func (t Type) String() string {
	switch t.Class {
	case Float:
		return fmt.Sprintf("float%d", 8*t.Size)
	case Text:
		return fmt.Sprintf("text of %d bytes", t.Size)
	case VarText:
		return "text"
	}
	if t.Signed {
		return fmt.Sprintf("int%d", 8*t.Size)
	}
	return fmt.Sprintf("uint%d", 8*t.Size)
}

// Classes of the format.
const (
	fixedPoint = 0
	floatPoint = 1
	textClass  = 3
	enumClass  = 8
	varClass   = 9
)

var classNames = map[int]string{2: "times", 4: "bit fields", 5: "opaque", 6: "compound (as complex numbers are)", 7: "references", 10: "arrays"}

// maxText bounds an element that is a text.
const maxText = 1 << 16

// readType reads a datatype.
func readType(c *cursor) (t Type, err error) {
	class, bits := c.u8(), c.uint(3)
	t.Size = int(c.u32())
	switch class & 15 {
	case fixedPoint:
		t.Class, t.BigEndian, t.Signed = Integer, bits&1 != 0, bits&8 != 0
		err = wholeInteger(c, t)
	case floatPoint:
		t.Class, t.BigEndian = Float, bits&1 != 0
		err = ieee(c, t, bits)
	case textClass:
		t.Class, t.padding = Text, int(bits&15)
		if t.Size < 1 || t.Size > maxText || t.padding > 2 {
			err = fmt.Errorf("texts have %d bytes, padding %d; up to %d are read", t.Size, t.padding, maxText)
		}
	case enumClass:
		size := t.Size
		if t, err = readType(c); err == nil && (t.Class != Integer || t.Size != size) {
			err = fmt.Errorf("an enumeration is not of whole numbers")
		}
	case varClass:
		t.Class = VarText
		if bits&15 != 1 {
			err = fmt.Errorf("elements are lists of variable length; texts of variable length are read")
		} else if want := 4 + c.offset + 4; t.Size != want {
			err = fmt.Errorf("texts of variable length take %d bytes; they must take %d", t.Size, want)
		}
	default:
		name := classNames[class&15]
		if name == "" {
			name = "unknown"
		}
		err = fmt.Errorf("elements are %s, which are not read; whole and floating-point numbers and texts are", name)
	}
	if err == nil && c.short {
		err = fmt.Errorf("the type of its elements is damaged")
	}
	return t, err
}

// wholeInteger checks that all bits of a whole number are its value.
func wholeInteger(c *cursor, t Type) error {
	offset, precision := c.u16(), c.u16()
	switch {
	case t.Size != 1 && t.Size != 2 && t.Size != 4 && t.Size != 8:
		return fmt.Errorf("whole numbers have %d bytes; 1, 2, 4 and 8 are read", t.Size)
	case offset != 0 || precision != 8*t.Size:
		return fmt.Errorf("whole numbers have %d bits from bit %d on in %d bytes; only whole bytes are read", precision, offset, t.Size)
	}
	return nil
}

// ieee checks that a floating-point number is one of IEEE 754, of 32 or 64 bits.
func ieee(c *cursor, t Type, bits uint64) error {
	offset, precision := c.u16(), c.u16()
	var got [4]int
	for i := range got {
		got[i] = c.u8()
	}
	bias, sign := c.u32(), int(bits>>8&0xff)
	single := t.Size == 4 && got == [4]int{23, 8, 0, 23} && bias == 127 && sign == 31
	double := t.Size == 8 && got == [4]int{52, 11, 0, 52} && bias == 1023 && sign == 63
	if !single && !double || offset != 0 || precision != 8*t.Size || bits&0x40 != 0 {
		return fmt.Errorf("floating-point numbers have %d bits; those of IEEE 754 with 32 and 64 are read", precision)
	}
	return nil
}
