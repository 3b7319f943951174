package safetensors

import (
	"bytes"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"spdiff/tensor"
)

func decode(b []byte) (*File, error) { return Decode(bytes.NewReader(b), int64(len(b))) }

// A header says each thing once, in the format's own words: what JSON libraries read in different ways is refused.
func TestHeaderIsStrict(t *testing.T) {
	for _, c := range []struct{ name, want, header string }{
		{"no shape", "must have", `{"a":{"dtype":"F32","data_offsets":[0,4]}}`},
		{"no offsets", "must have", `{"a":{"dtype":"F32","shape":[]}}`},
		{"no type", "must have", `{"a":{"shape":[],"data_offsets":[0,4]}}`},
		{"null", "no JSON object", `{"a":null}`},
		{"shape null", "shape is", `{"a":{"dtype":"F32","shape":null,"data_offsets":[0,4]}}`},
		{"extent null", "shape is", `{"a":{"dtype":"F32","shape":[null],"data_offsets":[0,4]}}`},
		{"offset null", "data_offsets is", `{"a":{"dtype":"F32","shape":[],"data_offsets":[null,4]}}`},
		{"extent with a fraction", "shape is", `{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}`},
		{"capital letters", `member "DTYPE"`, `{"a":{"DTYPE":"F32","shape":[],"data_offsets":[0,4]}}`},
		{"type twice", `"dtype" comes twice`, `{"a":{"dtype":"F64","dtype":"F32","shape":[],"data_offsets":[0,4]}}`},
		{"metadata twice", `"__metadata__" comes twice`, `{"__metadata__":{},"__metadata__":{}}`},
		{"key twice", `"k" comes twice`, `{"__metadata__":{"k":"1","k":"2"}}`},
		{"the same name, escaped", `"a" comes twice`, `{"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]},"\u0061":{"dtype":"F32","shape":[0],"data_offsets":[4,4]}}`},
		{"text null", `"k" is no text`, `{"__metadata__":{"k":null}}`},
		{"metadata null", "table of texts", `{"__metadata__":null}`},
		{"a space first", "no JSON object in UTF-8", ` {"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}`},
		{"no UTF-8", "no JSON object in UTF-8", "{\"\xff\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]}}"},
		{"nested deeply", "malformed", `{"a":` + strings.Repeat("[", 1<<20)},
	} {
		if f, err := decode(image(c.header, 4)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, %v; want an error with %q", c.name, f, err, c.want)
		}
	}
}

// Entries come in any order, empty tensors begin where others do, and spaces may follow the header.
func TestHeaderInAnyOrder(t *testing.T) {
	f, err := decode(image(`{"c":{"data_offsets":[8,16],"shape":[2],"dtype":"F32"},"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},`+
		`"none":{"dtype":"F32","shape":[0],"data_offsets":[8,8]},"first":{"dtype":"F32","shape":[3,0],"data_offsets":[0,0]}}   `, 16))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, t := range f.Tensors {
		names = append(names, t.Name)
	}
	if got := strings.Join(names, " "); got != "first b none c" {
		t.Errorf("the tensors are %s", got)
	}
}

// A file that is shorter than it was, or than it is said to be, is an error and not zeros.
func TestFileBecomesShorter(t *testing.T) {
	var b bytes.Buffer
	if err := Encode(&b, sample()); err != nil {
		t.Fatal(err)
	}
	for n := range b.Len() {
		f, err := Decode(bytes.NewReader(b.Bytes()[:n]), int64(b.Len()))
		if err == nil || !strings.Contains(err.Error(), "cannot be read") {
			t.Fatalf("cut to %d of %d bytes: %v, %v", n, b.Len(), f, err)
		}
	}
}

// The bytes after the header are counted beyond 32 bits, on machines of 32 too (GOARCH=386 go test), which say that they cannot
// read as many.
func TestLargeFiles(t *testing.T) {
	b := image(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, 4)
	want := "the tensors take 4 bytes and the file has 4294967300"
	if strconv.IntSize == 32 {
		want = "use one of 64 bits"
	}
	size := int64(len(b)) + 1<<32
	_, err1 := Decode(bytes.NewReader(b), size)
	_, err2 := DecodeHeader(bytes.NewReader(b), size)
	for _, err := range []error{err1, err2} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want an error with %q", err, want)
		}
	}
}

// However much a header says, reading it takes memory in proportion, and what is said of it stays short.
func TestHeaderTakesBoundedMemory(t *testing.T) {
	const size = 1 << 20
	fill := func(before, member, after string) string {
		var b strings.Builder
		b.WriteString(before)
		for i := 0; b.Len() < size; i++ {
			fmt.Fprintf(&b, member, i)
		}
		return b.String() + after
	}
	for name, header := range map[string]string{
		"tensors":                  fill(`{`, `"%x":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},`, `"":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}`),
		"metadata":                 fill(`{"__metadata__":{`, `"%x":"",`, `"":""}}`),
		"an extent":                fill(`{"a":{"dtype":"U8","shape":[0`, `,%d`, `],"data_offsets":[0,0]}}`),
		"no such end":              fill(`{"a":{"dtype":"U8","shape":[1`, `,%d`, `],"data_offsets":[0,9]}}`),
		"a name":                   fill(`{"`, `%x`, `":1}`),
		"a name of a wrong tensor": fill(`{"`, `%x`, `":{"dtype":"U8","shape":[1],"data_offsets":[0,0]}}`),
		"a type":                   fill(`{"a":{"dtype":"`, `%x`, `","shape":[1],"data_offsets":[0,0]}}`),
		"a member":                 fill(`{"a":{"`, `%x`, `":1}}`),
		"offsets":                  fill(`{"a":{"dtype":"U8","shape":[0],"data_offsets":[0`, `,%d`, `]}}`),
	} {
		b := image(header, 0)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := decode(b)
		runtime.ReadMemStats(&after)
		// All that was ever allocated, most of it not kept: 62 times the header for the metadata, less for the others.
		if got := float64(after.TotalAlloc-before.TotalAlloc) / float64(len(b)); got > 100 {
			t.Errorf("%s: %.0f times the header's size were allocated", name, got)
		}
		if err != nil && len(err.Error()) > 500 {
			t.Errorf("%s: an error of %d bytes: %.200s…", name, len(err.Error()), err)
		}
	}
}

// What cannot be read again is not written.
func TestEncodeRefuses(t *testing.T) {
	x := tensor.New(1)
	for name, f := range map[string]*File{
		"comes twice":            {Tensors: []Tensor{{"a", x}, {"a", x}}},
		"\"__metadata__\" comes": {Tensors: []Tensor{{"__metadata__", x}}},
		"name \"\\xff\" is no":   {Tensors: []Tensor{{"\xff", x}}},
		"metadata \"k\" is no":   {Metadata: map[string]string{"k": "\xff"}},
		"at most":                {Metadata: map[string]string{"k": strings.Repeat("x", maxHeader)}},
	} {
		var b bytes.Buffer
		if err := Encode(&b, f); err == nil || !strings.Contains(err.Error(), name) || b.Len() > 0 {
			t.Errorf("%s: %v, %d bytes written", name, err, b.Len())
		}
	}
}
