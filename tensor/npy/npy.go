package npy

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"

	"spdiff/tensor"
)

const magic = "\x93NUMPY"

// Encode writes t as a .npy file.
func Encode(w io.Writer, t *tensor.Tensor) error {
	var shape strings.Builder
	for _, d := range t.Shape() {
		fmt.Fprintf(&shape, "%d, ", d)
	}
	header := fmt.Sprintf("{'descr': '<f4', 'fortran_order': False, 'shape': (%s), }", strings.TrimSuffix(shape.String(), " "))
	fill := 63 - (len(magic)+4+len(header))%64
	header += strings.Repeat(" ", fill) + "\n"
	b := bufio.NewWriterSize(w, 1<<16)
	b.WriteString(magic + "\x01\x00")
	b.Write(binary.LittleEndian.AppendUint16(nil, uint16(len(header))))
	b.WriteString(header)
	var n [4]byte
	for _, v := range t.Data() {
		binary.LittleEndian.PutUint32(n[:], math.Float32bits(v))
		if _, err := b.Write(n[:]); err != nil {
			return err
		}
	}
	return b.Flush()
}

// numbers are the types that Decode reads.
var numbers = map[string]struct {
	size int
	get  func(b []byte) float32
}{
	"<f4": {4, func(b []byte) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(b)) }},
	"<f8": {8, func(b []byte) float32 { return float32(math.Float64frombits(binary.LittleEndian.Uint64(b))) }},
	"<i4": {4, func(b []byte) float32 { return float32(int32(binary.LittleEndian.Uint32(b))) }},
	"<i8": {8, func(b []byte) float32 { return float32(int64(binary.LittleEndian.Uint64(b))) }},
	"|u1": {1, func(b []byte) float32 { return float32(b[0]) }},
	"|i1": {1, func(b []byte) float32 { return float32(int8(b[0])) }},
}

// most bounds the elements of an array: a gibibyte of float32.
const most = 1 << 28

// Decode reads a .npy file, version 1, 2 or 3.
func Decode(r io.Reader) (*tensor.Tensor, error) {
	text, err := readHeader(r)
	if err != nil {
		return nil, err
	}
	descr, shape, err := parseHeader(text)
	if err != nil {
		return nil, err
	}
	kind, ok := numbers[descr]
	if !ok {
		return nil, fmt.Errorf("numbers of type %q are not known; save them as float32 (<f4)", descr)
	}
	n := 1
	for _, d := range shape {
		if d > 0 && n > most/d {
			return nil, fmt.Errorf("an array of shape %v is too large", shape)
		}
		n *= d
	}
	var raw bytes.Buffer
	want := int64(n) * int64(kind.size)
	if got, err := io.Copy(&raw, io.LimitReader(r, want+1)); err != nil {
		return nil, err
	} else if got != want {
		return nil, fmt.Errorf("an array of shape %v takes %d bytes, and there are %s; the file is truncated or corrupt", shape, want, atLeast(got, want))
	}
	data, b := make([]float32, n), raw.Bytes()
	for i := range data {
		data[i] = kind.get(b[i*kind.size:])
	}
	return tensor.From(data, shape...), nil
}

func atLeast(got, want int64) string {
	if got > want {
		return "more"
	}
	return strconv.FormatInt(got, 10)
}

// readHeader returns the header's text.
func readHeader(r io.Reader) (string, error) {
	start := make([]byte, len(magic)+4)
	if _, err := io.ReadFull(r, start); err != nil || string(start[:len(magic)]) != magic {
		return "", errors.New("it does not begin as a .npy file does")
	}
	n := int(binary.LittleEndian.Uint16(start[len(magic)+2:]))
	switch start[len(magic)] {
	case 1:
	case 2, 3:
		more := make([]byte, 2)
		if _, err := io.ReadFull(r, more); err != nil {
			return "", errors.New("the header is cut off")
		}
		if more[0] != 0 || more[1] != 0 {
			return "", errors.New("the header is longer than 64 KiB")
		}
	default:
		return "", fmt.Errorf("version %d of the format is not known", start[len(magic)])
	}
	header := make([]byte, n)
	if _, err := io.ReadFull(r, header); err != nil {
		return "", errors.New("the header is cut off")
	}
	return string(header), nil
}

// headerForm is the header that numpy writes: a Python dictionary with its keys in order.
var headerForm = regexp.MustCompile(`^\{'descr': '([^']*)', 'fortran_order': (True|False), 'shape': \(([0-9, ]*)\),? *\}\s*$`)

// parseHeader returns the type of the numbers and the shape.
func parseHeader(text string) (descr string, shape []int, err error) {
	m := headerForm.FindStringSubmatch(text)
	if m == nil {
		return "", nil, fmt.Errorf("the header %.80q is not one that numpy writes", text)
	}
	if m[2] == "True" {
		return "", nil, errors.New("the array is in Fortran order; save numpy.ascontiguousarray of it")
	}
	for _, part := range strings.Split(m[3], ",") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		d, err := strconv.Atoi(part)
		if err != nil || d > most {
			return "", nil, fmt.Errorf("an extent of %s is too large", part)
		}
		shape = append(shape, d)
	}
	return m[1], shape, nil
}
