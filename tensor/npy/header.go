package npy

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"spdiff/tensor"
)

const (
	magic     = "\x93NUMPY"
	maxHeader = 1 << 16 // bytes
	align     = 64      // of the numbers, in bytes
)

// headerOf returns what is before the numbers of an array of a type: magic, version 1.0, the length of the text in two bytes, and
// the text, filled with spaces so that the numbers are aligned.
func headerOf(descr string, shape tensor.Shape) string {
	var extents []string
	for _, d := range shape {
		extents = append(extents, strconv.Itoa(d))
	}
	tuple := strings.Join(extents, ", ")
	if len(shape) == 1 {
		tuple += "," // as Python writes it
	}
	text := "{'descr': '" + descr + "', 'fortran_order': False, 'shape': (" + tuple + "), }"
	begin := len(magic) + 4
	text += strings.Repeat(" ", align-1-(begin+len(text))%align) + "\n"
	return magic + "\x01\x00" + string(binary.LittleEndian.AppendUint16(nil, uint16(len(text)))) + text
}

// readHeader returns the text of the header of a file of size bytes, and takes from size what it has read.
func readHeader(r io.Reader, size *int64) (string, error) {
	start := make([]byte, len(magic)+2)
	if _, err := io.ReadFull(r, start); err != nil || string(start[:len(magic)]) != magic {
		return "", errors.New("it does not begin as a .npy file does")
	}
	length := make([]byte, 4)
	switch version := start[len(magic)]; version {
	case 1:
		length = length[:2]
	case 2, 3:
	default:
		return "", fmt.Errorf("version %d of the format is not known; 1, 2 and 3 are", version)
	}
	if _, err := io.ReadFull(r, length); err != nil {
		return "", errors.New("the header is cut off; the file is truncated")
	}
	n := binary.LittleEndian.Uint32(append(length[:len(length):len(length)], 0, 0))
	if n > maxHeader {
		return "", fmt.Errorf("the header is said to have %d bytes; at most %d are allowed", n, maxHeader)
	}
	text := make([]byte, n)
	if _, err := io.ReadFull(r, text); err != nil {
		return "", errors.New("the header is cut off; the file is truncated")
	}
	*size -= int64(len(start) + len(length) + len(text))
	return string(text), nil
}

// headerForm is the text that numpy writes: a Python dictionary with its keys in order, and a tuple.
var headerForm = regexp.MustCompile(`^\{'descr': '([^']*)', 'fortran_order': (True|False), ` +
	`'shape': \(((?:\d+,(?: \d+,)*(?: \d+)?)?)\),? *\} *\n?$`)

// parseHeader returns the type of the numbers, its name, and the shape.
func parseHeader(text string) (kind number, descr string, shape []int, err error) {
	m := headerForm.FindStringSubmatch(text)
	if m == nil {
		return kind, "", nil, fmt.Errorf("the header %.80q is not one that numpy writes for a plain array", text)
	}
	kind, ok := numbers[m[1]]
	if !ok {
		return kind, "", nil, fmt.Errorf("numbers of type %q are not known; save them as float32 (<f4)", m[1])
	}
	if m[2] == "True" {
		return kind, "", nil, errors.New("the array is in Fortran order; save numpy.ascontiguousarray of it")
	}
	for part := range strings.SplitSeq(strings.TrimSuffix(m[3], ","), ",") {
		if part == "" {
			break
		}
		d, err := strconv.Atoi(strings.TrimSpace(part))
		if err != nil {
			return kind, "", nil, fmt.Errorf("an extent of %s is impossible", part)
		}
		shape = append(shape, d)
	}
	return kind, m[1], shape, nil
}

// checkSize checks that numbers of size bytes in that shape take exactly have bytes.
func checkSize(shape tensor.Shape, size int, have int64) error {
	if err := shape.Validate(); err != nil {
		return err
	}
	if n := int64(shape.Size()); have%int64(size) != 0 || n != have/int64(size) {
		return fmt.Errorf("an array of shape %v has %d numbers of %d bytes, and there are %d bytes; the file is truncated or corrupt",
			shape, n, size, have)
	}
	return nil
}
