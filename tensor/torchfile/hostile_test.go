package torchfile

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"os"
	"runtime"
	"strings"
	"testing"

	"spdiff/tensor/safetensors"
)

// An entry of an archive that a test makes; those of pack are stored in a folder "x".
type entry struct {
	name string
	data []byte
}

// pack returns an archive with a pickle and other entries.
func pack(t testing.TB, pickle string, more ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, e := range append([]entry{{"data.pkl", []byte(pickle)}}, more...) {
		f, err := w.CreateRaw(&zip.FileHeader{Name: "x/" + e.name, CRC32: crc32.ChecksumIEEE(e.data),
			CompressedSize64: uint64(len(e.data)), UncompressedSize64: uint64(len(e.data))})
		if err != nil {
			t.Fatal(err)
		}
		f.Write(e.data)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Pieces of pickles.
func str(s string) string {
	return fmt.Sprintf("X%s%s", binary.LittleEndian.AppendUint32(nil, uint32(len(s))), s)
}
func num(i int64) string {
	return "\x8a\x08" + string(binary.LittleEndian.AppendUint64(nil, uint64(i)))
}
func nums(is ...int64) (s string) {
	for _, i := range is {
		s += num(i)
	}
	return "(" + s + "t"
}
func table(items ...string) string { return "}(" + strings.Join(items, "") + "u" }
func store(class, key string, n int64) string {
	return "(" + str("storage") + "ctorch\n" + class + "\n" + str(key) + str("cpu") + num(n) + "tQ"
}
func rebuilt(store string, offset int64, shape, stride string) string {
	return "ctorch._utils\n_rebuild_tensor_v2\n(" + store + num(offset) + shape + stride + "\x89}tR"
}

// four is a storage of the numbers 1, 2, 3, 4.
func four(order binary.AppendByteOrder) entry {
	var b []byte
	for i := range 4 {
		b = order.AppendUint32(b, math.Float32bits(float32(i+1)))
	}
	return entry{"data/0", b}
}

const floats = "FloatStorage"

func of(shape, stride string) string {
	return table(str("a"), rebuilt(store(floats, "0", 4), 0, shape, stride)) + "."
}

// Both orders of bytes are read, by what the file says.
func TestByteOrder(t *testing.T) {
	pickle := of(nums(2, 2), nums(1, 2))
	for _, b := range [][]byte{
		pack(t, pickle, four(binary.LittleEndian)),
		pack(t, pickle, four(binary.LittleEndian), entry{"byteorder", []byte("little")}),
		pack(t, pickle, four(binary.BigEndian), entry{"byteorder", []byte("big")}),
	} {
		f, err := decode(b)
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(f.Get("a").Shape(), f.Get("a").Data()); got != "2×2 [1 3 2 4]" {
			t.Errorf("got %s", got)
		}
	}
}

// An archive in the form for large files is read: sizes and places in ZIP64's fields.
func TestZIP64(t *testing.T) {
	b := pack(t, of(nums(4), nums(1)), four(binary.LittleEndian))
	f, err := decode(zip64(b))
	if err != nil || f.Get("a").Data()[3] != 4 {
		t.Errorf("%v, %v", f, err)
	}
}

// zip64 rewrites the directory of an archive with all sizes and places in 64 bits.
func zip64(b []byte) []byte {
	le := binary.LittleEndian
	end := bytes.LastIndex(b, []byte("PK\x05\x06"))
	n, at := le.Uint16(b[end+10:]), int(le.Uint32(b[end+16:]))
	out := bytes.Clone(b[:at])
	for e := b[at:end]; len(e) > 0; {
		name := int(le.Uint16(e[28:]))
		head := bytes.Clone(e[:46+name])
		extra := le.AppendUint16(le.AppendUint16(nil, 1), 24)
		for _, field := range []int{24, 20, 42} { // sizes, place of the local header
			extra = le.AppendUint64(extra, uint64(le.Uint32(head[field:])))
			le.PutUint32(head[field:], math.MaxUint32)
		}
		rest := 46 + name + int(le.Uint16(e[30:])) + int(le.Uint16(e[32:]))
		le.PutUint16(head[30:], uint16(len(extra)))
		le.PutUint16(head[32:], 0)
		out = append(append(out, head...), extra...)
		e = e[rest:]
	}
	size, here := len(out)-at, len(out)
	out = le.AppendUint64(append(out, "PK\x06\x06"...), 44)
	out = append(out, 45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	for _, v := range []int{int(n), int(n), size, at} {
		out = le.AppendUint64(out, uint64(v))
	}
	out = le.AppendUint32(append(out, "PK\x06\x07"...), 0)
	out = le.AppendUint32(le.AppendUint64(out, uint64(here)), 1)
	out = append(out, "PK\x05\x06\x00\x00\x00\x00"...)
	for range 4 {
		out = append(out, 255, 255, 255)
	}
	return append(out, 0, 0)
}

// Files that lie, or ask for what is not read.
func TestHostileFiles(t *testing.T) {
	const big = math.MaxInt64
	data := four(binary.LittleEndian)
	pkl := func(s string) []byte { return pack(t, s+".", data) }
	whole := func(shape, stride string) []byte { return pack(t, of(shape, stride), data) }
	laughs := "}q\x00"
	for i := range byte(25) {
		laughs += "}q" + string([]byte{i + 1}) + "(" + str("a") + "h" + string([]byte{i}) + str("b") + "h" + string([]byte{i}) + "u"
	}
	for _, c := range []struct {
		name, want string
		file       []byte
	}{
		{"empty", "no file of PyTorch", nil},
		{"no archive", "truncated or corrupt", []byte("PK\x03\x04 and no more")},
		{"no pickle", "no data.pkl", bytes.ReplaceAll(pkl("}"), []byte("data.pkl"), []byte("data.pkk"))},
		{"a global", `"run" of Python's module "subprocess"`, pkl("csubprocess\nrun\n)R")},
		{"a global by the stack", `"eval" of Python's module "builtins"`, pkl(str("builtins") + str("eval") + "\x93")},
		{"another rebuild", "_rebuild_sparse_tensor", pkl("ctorch._utils\n_rebuild_sparse_tensor\n")},
		{"complex numbers", "ComplexFloatStorage", pkl("ctorch\nComplexFloatStorage\n")},
		{"an object", "operation 0x81", pkl("ccollections\nOrderedDict\n)\x81")},
		{"a call of a storage", "arguments that are not its own", pkl("ctorch\nFloatStorage\n)R")},
		{"a call of a number", "the pickle calls", pkl("K\x01)R")},
		{"a table with arguments", "arguments that are not its own", pkl("ccollections\nOrderedDict\n(K\x01tR")},
		{"no table", "no table of tensors", pkl("K\x01")},
		{"one tensor", "one tensor, without a name", pkl(rebuilt(store(floats, "0", 4), 0, nums(4), nums(1)))},
		{"empty stack", "where there is none", pkl("")},
		{"below a mark", "where there is none", pkl("}(" + str("a") + "K\x01s")},
		{"no mark", "where there is none", pkl("}u")},
		{"odd items", "sets items", pkl("}(" + str("a") + "u")},
		{"items of a list", "sets items of a list", pkl("](" + str("a") + "Nu")},
		{"appended to a table", "appends to a table", pkl("}Na")},
		{"attributes of a number", "sets attributes", pkl("K\x01}b")},
		{"not kept", "has not kept", pkl("h\x07")},
		{"cut text", "ends in the middle", pkl("X\xff\xff\xff\xff")},
		{"cut long text", "ends in the middle", pkl("\x8d\xff\xff\xff\xff\xff\xff\xff\xff")},
		{"cut global", "ends in the middle", pkl("ctorch")},
		{"a number of 200 bytes", "200 bytes", pkl("\x8a\xc8" + strings.Repeat("\x01", 200))},
		{"a key that is a tensor", "a key of its table is a tensor", pkl(table(rebuilt(store(floats, "0", 4), 0, nums(4), nums(1)), "N"))},
		{"a global as a value", "neither a tensor nor a value", pkl(table(str("a"), "ctorch\nFloatStorage\n"))},
		{"no UTF-8", "UTF-8", pkl(table(str("a\xff"), "N"))},
		{"a name twice", `"a.b" comes twice`, pkl(table(str("a"), table(str("b"), "N"), str("a.b"), "N"))},
		{"in itself", "deep", pkl("}q\x00(" + str("a") + "h\x00u")},
		{"laughs", "in many places", pkl(laughs)},
		{"expanded", "expanded", whole(nums(1<<20, 1<<10), nums(0, 0))},
		{"2⁶³ elements", "impossible", whole(nums(1<<32, 1<<32), nums(0, 0))},
		{"stride of 2⁶³", "impossible", whole(nums(3), nums(big))},
		{"strides together", "impossible", whole(nums(2, 2, 2, 2, 2, 2, 2, 2, 2), nums(big/8, big/8, big/8, big/8, big/8, big/8, big/8, big/8, big/8))},
		{"negative extent", "not its own", whole(nums(-1), nums(1))},
		{"negative stride", "not its own", whole(nums(2), nums(-1))},
		{"beyond", "reaches beyond", whole(nums(2, 2), nums(3, 1))},
		{"strides are missing", "2 dimensions has 1 strides", whole(nums(2, 2), nums(1))},
		{"offset", "reaches beyond", pkl(table(str("a"), rebuilt(store(floats, "0", 4), 4, nums(1), nums(1))))},
		{"a storage of more", "5 numbers of 4 bytes", pkl(table(str("a"), rebuilt(store(floats, "0", 5), 0, nums(5), nums(1))))},
		{"a storage of odd size", "3 numbers of 4 bytes and has 15", pack(t, table(str("a"), store(floats, "1", 3))+".", entry{"data/1", make([]byte, 15)})},
		{"a storage of 2⁶²", "numbers of 4 bytes", pkl(table(str("a"), rebuilt(store(floats, "0", 1<<62), 0, nums(1<<62), nums(1))))},
		{"a storage of two types", "FloatStorage, and of 4 of IntStorage", pkl(table(str("a"), store(floats, "0", 4), str("b"), store("IntStorage", "0", 4)))},
		{"no storage", `no entry "data/1"`, pkl(table(str("a"), rebuilt(store(floats, "1", 4), 0, nums(4), nums(1))))},
		{"a storage elsewhere", `no entry "data/../../0"`, pkl(store(floats, "../../0", 4))},
		{"an identifier", "persistent identifier", pkl(str("a") + "Q")},
		{"another order", "byteorder is", pack(t, "}.", entry{"byteorder", []byte("middle")})},
		{"twice", "comes twice", pack(t, "}.", data, data)},
	} {
		f, err := decode(c.file)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, %v; want an error with %q", c.name, f, err, c.want)
		}
		if err != nil && len(err.Error()) > 600 {
			t.Errorf("%s: an error of %d bytes", c.name, len(err.Error()))
		}
	}
}

// A storage whose bytes an int does not count, as on 32 bits (GOARCH=386 go test), is an error; the largest that it does is none.
func TestLargeStorages(t *testing.T) {
	for bytes, reads := range map[int64]bool{1 << 31: math.MaxInt > math.MaxInt32, 1<<31 - 8: true} {
		s, err := newStorage("DoubleStorage", "0", bytes/8, bytes)
		if reads && (err != nil || s.bytes() != bytes) || !reads && (err == nil || !strings.Contains(err.Error(), "64 bits")) {
			t.Errorf("%d bytes: %v", bytes, err)
		}
	}
}

// Entries that claim more than there is are refused, before memory is taken.
func TestEntriesOfMoreThanTheFile(t *testing.T) {
	b := pack(t, "}.", four(binary.LittleEndian))
	at := bytes.LastIndex(b, []byte("PK\x01\x02"))
	for _, field := range []int{20, 24} {
		binary.LittleEndian.PutUint32(b[at+field:], 1<<30)
	}
	if f, err := decode(b); err == nil || !strings.Contains(err.Error(), "more than the file's") {
		t.Errorf("%v, %v", f, err)
	}
}

// Compressed entries, whose size may be a thousand times theirs, are refused.
func TestCompressed(t *testing.T) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	f, _ := w.Create("x/data.pkl")
	fmt.Fprint(f, "}.", strings.Repeat(" ", 40))
	w.Close()
	if f, err := decode(b.Bytes()); err == nil || !strings.Contains(err.Error(), "compressed") {
		t.Errorf("%v, %v", f, err)
	}
}

// Attributes of tables are left out, values kept by number come back, and a table may be in two places.
func TestTablesTwice(t *testing.T) {
	f, err := decode(pack(t, "ccollections\nOrderedDict\n)Rq\x05("+str("a")+"K\x07u}("+str("_metadata")+"Nub\x85q\x01h\x05\x86.", four(binary.LittleEndian)))
	if err != nil || len(f.Metadata) != 2 || f.Metadata["0.0.a"] != "7" || f.Metadata["1.a"] != "7" {
		t.Errorf("%v, %v", f, err)
	}
}

// However much a pickle says, reading it takes memory in proportion.
func TestBoundedMemory(t *testing.T) {
	const size = 1 << 18
	fill := func(s string) string { return strings.Repeat(s, size/len(s)) }
	for name, pickle := range map[string]string{
		"tables":                   fill("}"),
		"tables kept":              fill("}\x94"),
		"lists":                    "](" + fill("]") + "e.",
		"tuples":                   "N" + fill("\x85") + ".",
		"marks":                    fill("("),
		"numbers":                  "](" + fill("K\x01") + "e.",
		"one text":                 str(fill("a")) + ".",
		"a name":                   table(str(fill("a")), table(str("b"), "N", str("c"), "N")) + ".",
		"one table in many places": "}q\x00(" + str("a") + "Nu](" + fill("h\x00") + "e.",
		"views":                    "](" + rebuilt(store(floats, "0", 4)+"q\x00", 0, nums(1), nums(1)) + fill("ctorch._utils\n_rebuild_tensor_v2\n(h\x00K\x00K\x01\x85K\x01\x85\x89}tR") + "e.",
		"expanded":                 "](" + rebuilt(store(floats, "0", 4)+"q\x00", 0, nums(1), nums(1)) + fill("ctorch._utils\n_rebuild_tensor_v2\n(h\x00K\x00M\x00\xff\x85K\x00\x85\x89}tR") + "e.",
	} {
		b := pack(t, pickle, four(binary.LittleEndian))
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := decode(b)
		runtime.ReadMemStats(&after)
		n := after.TotalAlloc - before.TotalAlloc
		t.Logf("%s: %d bytes a byte, %.100v", name, n/size, err)
		if n > 300*size+4*spare {
			t.Errorf("%s: %d bytes were taken for %d", name, n, len(b))
		}
		if err != nil && len(err.Error()) > 600 {
			t.Errorf("%s: an error of %d bytes", name, len(err.Error()))
		}
	}
}

// check fails if what was read is not in proportion to the file, or cannot be written.
func check(t *testing.T, f *safetensors.File, size int) {
	t.Helper()
	numbers := 0
	for _, v := range f.Tensors {
		numbers += v.Value.Len()
	}
	if numbers > perByte*size+spare {
		t.Fatalf("%d numbers from %d bytes", numbers, size)
	}
	delete(f.Metadata, "__metadata__")
	var b bytes.Buffer
	if err := safetensors.Encode(&b, f); err != nil && f.Get("__metadata__") == nil {
		t.Fatal(err)
	}
}

// FuzzPickle runs pickles, which checksums keep from FuzzDecode.
func FuzzPickle(f *testing.F) {
	for _, name := range append(goldens, "danger") {
		b, err := readPickle("testdata/" + name + ".pt")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte(of(nums(2, 2), nums(1, 2))))
	size := func(key string) (int64, error) {
		if len(key) > 1 {
			return 0, errors.New("none")
		}
		return 240, nil
	}
	f.Fuzz(func(t *testing.T, pickle []byte) {
		root, err := unpickle(pickle, size)
		if err != nil {
			return
		}
		found, err := flatten(root, len(pickle), 1000)
		if err != nil {
			return
		}
		file := &safetensors.File{Metadata: found.metadata}
		for _, v := range found.views {
			file.Tensors = append(file.Tensors, safetensors.Tensor{Name: v.name, Value: v.tensor(make([]byte, 240))})
		}
		check(t, file, 1000)
	})
}

func readPickle(path string) (pickle []byte, err error) {
	z, err := zip.OpenReader(path)
	if err != nil {
		return nil, err
	}
	defer z.Close()
	a, err := newArchive(z.File, 1<<20)
	if err != nil {
		return nil, err
	}
	return a.read("data.pkl", maxPickle)
}

// FuzzDecode reads files.
func FuzzDecode(f *testing.F) {
	f.Add(pack(f, of(nums(2, 2), nums(1, 2)), four(binary.LittleEndian)))
	f.Add(pack(f, of(nums(2, 2), nums(1, 2)), four(binary.BigEndian), entry{"byteorder", []byte("big")}))
	f.Add(zip64(pack(f, of(nums(4), nums(1)), four(binary.LittleEndian))))
	for _, name := range legacies {
		b, err := os.ReadFile("testdata/" + name + ".pt")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if file, err := decode(b); err == nil {
			check(t, file, len(b))
		}
	})
}
