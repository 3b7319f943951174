package safetensors

import (
	"bytes"
	"encoding/binary"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"spdiff/tensor"
)

// image returns a file with a given header and so many bytes of numbers.
func image(header string, data int) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	b = append(b, header...)
	for i := range data {
		b = append(b, byte(i*37))
	}
	return b
}

func sample() *File {
	return &File{
		Metadata: map[string]string{"config": `{"width":32}`, "a": "é\n"},
		Tensors: []Tensor{
			{"b.weight", tensor.From([]float32{1, -0.5, float32(math.Inf(1)), math.SmallestNonzeroFloat32, 0, 3}, 2, 3)},
			{"a", tensor.From([]float32{7})},
			{"empty", tensor.New(0, 4)},
		},
	}
}

// What is written comes back, bit for bit and in order.
func TestRoundTrip(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.safetensors")
	if err := Write(path, sample()); err != nil {
		t.Fatal(err)
	}
	got, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	same(t, got, sample())
}

// same fails unless two files hold the same bits under the same names, in the same order.
func same(t *testing.T, got, want *File) {
	t.Helper()
	if len(got.Tensors) != len(want.Tensors) || !maps.Equal(got.Metadata, want.Metadata) {
		t.Fatalf("got %+v, want %+v", got, want)
	}
	for i, w := range want.Tensors {
		g := got.Tensors[i]
		if g.Name != w.Name || !g.Value.Shape().Equal(w.Value.Shape()) || !slices.Equal(bits(g.Value), bits(w.Value)) {
			t.Errorf("tensor %d is %q %v %v, want %q %v %v", i, g.Name, g.Value.Shape(), g.Value.Data(), w.Name, w.Value.Shape(), w.Value.Data())
		}
	}
}

func bits(t *tensor.Tensor) (b []uint32) {
	for _, v := range t.Data() {
		b = append(b, math.Float32bits(v))
	}
	return b
}

// The bytes are those of the format, with the numbers aligned.
func TestEncodeBytes(t *testing.T) {
	var b bytes.Buffer
	if err := Encode(&b, &File{Tensors: []Tensor{{"x", tensor.From([]float32{1, 2}, 2)}}}); err != nil {
		t.Fatal(err)
	}
	header := `{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}  `
	want := append(binary.LittleEndian.AppendUint64(nil, uint64(len(header))), header...)
	want = append(want, 0, 0, 0x80, 0x3f, 0, 0, 0, 0x40)
	if !bytes.Equal(b.Bytes(), want) || len(header)%8 != 0 {
		t.Errorf("got %q, want %q", b.Bytes(), want)
	}
}

func TestReadConverts(t *testing.T) {
	for _, c := range []struct {
		dtype string
		data  []byte
		want  float32
	}{
		{"F64", binary.LittleEndian.AppendUint64(nil, math.Float64bits(-1.5)), -1.5},
		{"F16", []byte{0x00, 0xc0}, -2}, {"F16", []byte{1, 0}, 1.0 / (1 << 24)}, {"F16", []byte{0, 0x7c}, float32(math.Inf(1))},
		{"F16", []byte{0xff, 0x7b}, 65504}, {"F16", []byte{0, 0x04}, 1.0 / (1 << 14)},
		{"BF16", []byte{0x80, 0x3f}, 1},
		{"I64", binary.LittleEndian.AppendUint64(nil, math.MaxUint64), -1}, {"I32", []byte{0xfe, 0xff, 0xff, 0xff}, -2},
		{"I16", []byte{0xfd, 0xff}, -3}, {"U64", binary.LittleEndian.AppendUint64(nil, math.MaxUint64), 1 << 64}, {"U32", []byte{0, 0, 0, 0x80}, 1 << 31},
		{"U16", []byte{0xff, 0xff}, 65535}, {"I8", []byte{0xfc}, -4}, {"U8", []byte{250}, 250}, {"BOOL", []byte{1}, 1},
	} {
		b := image(`{"x":{"dtype":"`+c.dtype+`","shape":[],"data_offsets":[0,`+string('0'+rune(len(c.data)))+`]}}`, 0)
		b = append(b, c.data...)
		f, err := Decode(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Errorf("%s: %v", c.dtype, err)
		} else if got := f.Get("x").Data()[0]; got != c.want {
			t.Errorf("%s: %v, want %v", c.dtype, got, c.want)
		}
	}
}

// Files that lie.
func TestHostileFiles(t *testing.T) {
	one := func(entry string) []byte { return image(`{"w":`+entry+`}`, 8) }
	for _, c := range []struct {
		name, want string
		file       []byte
	}{
		{"empty", "too few", nil},
		{"short", "too few", []byte{1, 2, 3}},
		{"a header of 2⁶³ bytes", "header is said to have 9223372036854775808", binary.LittleEndian.AppendUint64(nil, 1<<63)},
		{"truncated header", "truncated", image(`{"x`, 0)[:9]},
		{"no JSON", "no JSON object", image("hello, world", 8)},
		{"no object", "no JSON object", image("[1]", 8)},
		{"unclosed", "malformed", image(`{"w":{"dtype":"F32"`, 8)},
		{"more after the object", "follows", image(`{} {}`, 0)},
		{"2⁶³ elements", "malformed", one(`{"dtype":"F32","shape":[9223372036854775808],"data_offsets":[0,8]}`)},
		{"2⁶² elements", "impossible", one(`{"dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,8]}`)},
		{"overflow of the product", "impossible", one(`{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]}`)},
		{"overflow to a small product", "impossible", one(`{"dtype":"F32","shape":[4294967296,4294967296,2],"data_offsets":[0,8]}`)},
		{"negative extent", "impossible", one(`{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}`)},
		{"wrong size", "do not hold", one(`{"dtype":"F32","shape":[3],"data_offsets":[0,8]}`)},
		{"backwards", "truncated or corrupt", one(`{"dtype":"F32","shape":[2],"data_offsets":[8,0]}`)},
		{"past the end", "truncated or corrupt", one(`{"dtype":"F32","shape":[4],"data_offsets":[0,16]}`)},
		{"three offsets", "3 data_offsets", one(`{"dtype":"F32","shape":[2],"data_offsets":[0,4,8]}`)},
		{"unknown type", "convert them to F32", one(`{"dtype":"F8","shape":[8],"data_offsets":[0,8]}`)},
		{"unknown member", "malformed", one(`{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":1}`)},
		{"hole", "begin at byte 4", one(`{"dtype":"F32","shape":[1],"data_offsets":[4,8]}`)},
		{"rest", "take 4 bytes", one(`{"dtype":"F32","shape":[1],"data_offsets":[0,4]}`)},
		{"overlap", "begin at byte 0", image(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, 8)},
		{"duplicate", "comes twice", image(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`, 8)},
		{"metadata of numbers", "__metadata__", image(`{"__metadata__":{"a":1}}`, 0)},
	} {
		f, err := Decode(bytes.NewReader(c.file), int64(len(c.file)))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, %v; want an error with %q", c.name, f, err, c.want)
		}
	}
}

// A failed write leaves what was there, and nothing else.
func TestWriteFailureKeepsTheOld(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x.safetensors")
	if err := Write(path, sample()); err != nil {
		t.Fatal(err)
	}
	before, _ := os.ReadFile(path)
	bad := &File{Tensors: []Tensor{{"a", tensor.New(1)}, {"a", tensor.New(1)}}}
	if err := Write(path, bad); err == nil || !strings.Contains(err.Error(), "twice") {
		t.Errorf("writing a name twice: %v", err)
	}
	after, _ := os.ReadFile(path)
	entries, _ := os.ReadDir(dir)
	if !bytes.Equal(before, after) || len(entries) != 1 {
		t.Errorf("the file changed or something was left behind: %v", entries)
	}
	if _, err := Read(filepath.Join(dir, "none")); err == nil {
		t.Error("no error for a missing file")
	}
	if _, err := Read(dir); err == nil {
		t.Error("no error for a folder")
	}
}

// Whatever is read can be written and read again to the same, bit for bit.
func FuzzDecode(f *testing.F) {
	var b bytes.Buffer
	Encode(&b, sample())
	f.Add(b.Bytes())
	f.Add(image(`{"w":{"dtype":"F16","shape":[2,2],"data_offsets":[0,8]}}`, 8))
	f.Add(image(`{"w":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]}}`, 8))
	f.Add(image(`{"b":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},"a":{"dtype":"I16","shape":[0],"data_offsets":[0,0]}}`, 3))
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := Decode(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return
		}
		numbers := 0
		for _, t := range file.Tensors {
			numbers += t.Value.Len()
		}
		if numbers > len(b) {
			t.Fatalf("%d numbers from %d bytes", numbers, len(b))
		}
		var again bytes.Buffer
		if err := Encode(&again, file); err != nil {
			t.Fatal(err)
		}
		got, err := Decode(bytes.NewReader(again.Bytes()), int64(again.Len()))
		if err != nil {
			t.Fatal(err)
		}
		same(t, got, file)
	})
}
