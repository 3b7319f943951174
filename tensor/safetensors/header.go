package safetensors

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

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
	var meta map[string]string
	var entries []entry
	err := eachMember(header, func(name string, value json.RawMessage) error {
		if name == "__metadata__" {
			if err := strict(value, &meta); err != nil {
				return fmt.Errorf("__metadata__ is not a table of texts: %w", err)
			}
			return nil
		}
		e := entry{name: name}
		if err := strict(value, &e); err != nil {
			return fmt.Errorf("tensor %q: the header's entry is malformed: %w", name, err)
		}
		entries = append(entries, e)
		return e.check(n)
	})
	if err != nil {
		return nil, nil, err
	}
	slices.SortStableFunc(entries, func(a, b entry) int { return a.Data[0] - b.Data[0] })
	return meta, entries, checkCover(entries, n)
}

// eachMember calls f for each member of a JSON object, and returns an error if a name comes twice.
func eachMember(object []byte, f func(name string, value json.RawMessage) error) error {
	d := json.NewDecoder(bytes.NewReader(object))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return errors.New("the header is no JSON object; is this a safetensors file?")
	}
	seen := map[string]bool{}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return fmt.Errorf("the header is malformed: %w", err)
		}
		name := t.(string) // members begin with their names: the decoder sees to it
		if seen[name] {
			return fmt.Errorf("tensor %q: the name comes twice in the header", name)
		}
		seen[name] = true
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return fmt.Errorf("tensor %q: the header is malformed: %w", name, err)
		}
		if err := f(name, value); err != nil {
			return err
		}
	}
	if _, err := d.Token(); err != nil {
		return fmt.Errorf("the header is malformed: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("something follows the header's object; the header's length is wrong")
	}
	return nil
}

// strict decodes one JSON value into v and allows no members that v does not have.
func strict(value []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(value))
	d.DisallowUnknownFields()
	return d.Decode(v)
}

// check checks an entry against the n bytes that there are.
func (e *entry) check(n int) error {
	t, ok := dtypes[e.Dtype]
	if !ok {
		return fmt.Errorf("tensor %q: numbers of type %q are not known; convert them to F32", e.name, e.Dtype)
	}
	size, err := elements(e.Shape)
	if err != nil {
		return fmt.Errorf("tensor %q: %w", e.name, err)
	}
	if len(e.Data) != 2 || e.Data[0] < 0 || e.Data[1] < e.Data[0] || e.Data[1] > n {
		return fmt.Errorf("tensor %q: its numbers are at %v of the %d bytes after the header; the file is truncated or corrupt", e.name, e.Data, n)
	}
	if got := e.Data[1] - e.Data[0]; got%t.size != 0 || got/t.size != size {
		return fmt.Errorf("tensor %q: %d bytes do not hold %v numbers of type %s", e.name, got, tensor.Shape(e.Shape), e.Dtype)
	}
	return nil
}

// elements returns the number of elements of a shape, or an error if it is none or more than memory could hold.
func elements(shape []int) (int, error) {
	n := 1
	for _, d := range shape {
		if d < 0 || d > 0 && n > math.MaxInt/8/d {
			return 0, fmt.Errorf("the shape %v is impossible", shape)
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
			return fmt.Errorf("tensor %q: its numbers begin at byte %d, those before end at %d; the file is corrupt", e.name, e.Data[0], end)
		}
		end = e.Data[1]
	}
	if end != n {
		return fmt.Errorf("the tensors take %d bytes and the file has %d after the header; it is truncated or corrupt", end, n)
	}
	return nil
}
