package safetensors

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"unicode/utf8"

	"spdiff/tensor"
)

// maxHeader bounds the header, in bytes: some hundred thousand tensors.
const maxHeader = 16 << 20

// An entry is what a header says of a tensor.
type entry struct {
	name  string
	Dtype string `json:"dtype"`
	Shape []int  `json:"shape"`
	Data  []int  `json:"data_offsets"`
}

// parseHeader returns the metadata and the entries of a header before n bytes of numbers, by their place in the file.
func parseHeader(header []byte, n int) (map[string]string, []entry, error) {
	if len(header) == 0 || header[0] != '{' || !utf8.Valid(header) {
		return nil, nil, errors.New("the header is no JSON object in UTF-8; is this a safetensors file?")
	}
	var meta map[string]string
	var entries []entry
	err := eachMember(header, func(name string, value json.RawMessage) (err error) {
		if name == "__metadata__" {
			if meta, err = parseMetadata(value); err != nil {
				return fmt.Errorf("__metadata__ is not a table of texts: %w", err)
			}
			return nil
		}
		e, err := parseEntry(name, value)
		if err == nil {
			err = e.check(n)
		}
		if err != nil {
			return fmt.Errorf("tensor %.80q: %w", name, err)
		}
		entries = append(entries, e)
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("the header: %w", err)
	}
	// An empty tensor begins where the next one does and comes before it.
	slices.SortStableFunc(entries, func(a, b entry) int { return slices.Compare(a.Data, b.Data) })
	return meta, entries, checkCover(entries, n)
}

// parseMetadata returns a table of texts.
func parseMetadata(object []byte) (map[string]string, error) {
	meta := map[string]string{}
	err := eachMember(object, func(key string, value json.RawMessage) error {
		var text *string
		if err := json.Unmarshal(value, &text); err != nil || text == nil {
			return fmt.Errorf("%.80q is no text", key)
		}
		meta[key] = *text
		return nil
	})
	return meta, err
}

// parseEntry returns an entry, whose members are exactly those of the format: encoding/json alone would take others of any
// case, some twice, and null for nothing.
func parseEntry(name string, object []byte) (entry, error) {
	e, members := entry{name: name}, 0
	err := eachMember(object, func(key string, value json.RawMessage) error {
		var to any
		switch key {
		case "dtype":
			to = &e.Dtype
		case "shape":
			to = &e.Shape
		case "data_offsets":
			to = &e.Data
		default:
			return fmt.Errorf("the entry is malformed: it has a member %.80q", key)
		}
		members++
		if err := json.Unmarshal(value, to); err != nil || bytes.Contains(value, []byte("null")) {
			return fmt.Errorf("the entry is malformed: %s is %.80q", key, value)
		}
		return nil
	})
	if err == nil && members != 3 {
		err = errors.New("the entry is malformed: it must have dtype, shape and data_offsets")
	}
	return e, err
}

// eachMember calls f for each member of a JSON object, and returns an error if a name comes twice.
func eachMember(object []byte, f func(name string, value json.RawMessage) error) error {
	d := json.NewDecoder(bytes.NewReader(object))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return fmt.Errorf("%.80q is no JSON object", object)
	}
	seen := map[string]bool{}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return fmt.Errorf("malformed: %w", err)
		}
		name := t.(string) // members begin with their names: the decoder sees to it
		if seen[name] {
			return fmt.Errorf("the name %.80q comes twice", name)
		}
		seen[name] = true
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return fmt.Errorf("%.80q is malformed: %w", name, err)
		}
		if err := f(name, value); err != nil {
			return err
		}
	}
	if _, err := d.Token(); err != nil {
		return fmt.Errorf("malformed: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("something follows the object; the header's length is wrong")
	}
	return nil
}

// check checks an entry against the n bytes that there are.
func (e *entry) check(n int) error {
	t, ok := dtypes[e.Dtype]
	if !ok {
		return fmt.Errorf("numbers of type %.80q are not known; convert them to F32", e.Dtype)
	}
	size, err := elements(e.Shape)
	if err != nil {
		return err
	}
	if len(e.Data) != 2 {
		return fmt.Errorf("the entry is malformed: it has %d data_offsets, not 2", len(e.Data))
	}
	begin, end := e.Data[0], e.Data[1]
	if begin < 0 || end < begin || end > n {
		return fmt.Errorf("its numbers are at %v of the %d bytes after the header; the file is truncated or corrupt", e.Data, n)
	}
	if got := end - begin; got%t.size != 0 || got/t.size != size {
		return fmt.Errorf("%d bytes do not hold %.80s numbers of type %s; the file is corrupt", got, tensor.Shape(e.Shape), e.Dtype)
	}
	return nil
}

// elements returns the number of elements of a shape, or an error if it is none or more than memory could hold.
func elements(shape []int) (int, error) {
	n := 1
	for _, d := range shape {
		if d < 0 || d > 0 && n > math.MaxInt/8/d {
			return 0, fmt.Errorf("the shape %.80s is impossible; the file is corrupt", tensor.Shape(shape))
		}
		n *= d
	}
	return n, nil
}

// checkCover checks that entries, by place, fill n bytes without gap or overlap.
func checkCover(entries []entry, n int) error {
	end := 0
	for _, e := range entries {
		if e.Data[0] != end {
			return fmt.Errorf("tensor %.80q: its numbers begin at byte %d, those before end at %d; the file is corrupt", e.name, e.Data[0], end)
		}
		end = e.Data[1]
	}
	if end != n {
		return fmt.Errorf("the tensors take %d bytes and the file has %d after the header; it is truncated or corrupt", end, n)
	}
	return nil
}
