package onnx

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
)

// A message by its fields: numbers, and the bytes of texts and messages.
type fields map[protowire.Number][]any

func parse(t *testing.T, v any) fields {
	t.Helper()
	z := fields{}
	for b := v.([]byte); len(b) > 0; {
		field, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			t.Fatal(protowire.ParseError(n))
		}
		b = b[n:]
		var value any
		switch kind {
		case protowire.VarintType:
			value, n = protowire.ConsumeVarint(b)
		case protowire.Fixed32Type:
			value, n = protowire.ConsumeFixed32(b)
		case protowire.BytesType:
			value, n = protowire.ConsumeBytes(b)
		default:
			t.Fatalf("field %d is of type %d", field, kind)
		}
		if n < 0 {
			t.Fatal(protowire.ParseError(n))
		}
		z[field], b = append(z[field], value), b[n:]
	}
	return z
}

func texts(values []any) (z []string) {
	for _, v := range values {
		z = append(z, string(v.([]byte)))
	}
	return z
}

// The file is a ModelProto as onnx.proto describes it: every value is made before it is used, and once; the sizes of constants are
// those of their shapes; images may be any number.
func TestFile(t *testing.T) {
	raw, err := os.ReadFile(file(t, every, 4, 6, 2))
	if err != nil {
		t.Fatal(err)
	}
	model := parse(t, raw)
	if model[1][0] != uint64(irVersion) || parse(t, model[8][0])[2][0] != uint64(Opset) || texts(model[2])[0] != "test" {
		t.Errorf("versions %v", model)
	}
	if p := parse(t, model[14][0]); texts(p[1])[0] != "key" || texts(p[2])[0] != "value" {
		t.Errorf("metadata %v", p)
	}
	graph := parse(t, model[7][0])
	known := map[string]bool{}
	define := func(name string) {
		if name == "" || known[name] {
			t.Errorf("%q is made twice, or has no name", name)
		}
		known[name] = true
	}
	for _, in := range graph[11] {
		p := parse(t, in)
		define(texts(p[1])[0])
		shape := parse(t, parse(t, parse(t, p[2][0])[1][0])[2][0])
		if d := parse(t, shape[1][0]); texts(d[2])[0] != "batch" {
			t.Errorf("the first dimension of %s is %v", texts(p[1]), d)
		}
	}
	for _, c := range graph[5] {
		p, size := parse(t, c), map[uint64]int{1: 4, 7: 8}[parse(t, c)[2][0].(uint64)]
		define(texts(p[8])[0])
		for _, d := range p[1] {
			size *= int(d.(uint64))
		}
		if len(p[9][0].([]byte)) != size {
			t.Errorf("%s has %d bytes, want %d", texts(p[8]), len(p[9][0].([]byte)), size)
		}
	}
	for _, n := range graph[1] {
		p := parse(t, n)
		for _, arg := range texts(p[1]) {
			if !known[arg] {
				t.Errorf("%s takes %q, which is not made before", texts(p[3]), arg)
			}
		}
		define(texts(p[2])[0])
	}
	if out := parse(t, graph[12][0]); !known[texts(out[1])[0]] {
		t.Errorf("the output %s is not made", texts(out[1]))
	}
	for _, name := range []string{"layer/Conv", "layer.kernel"} {
		if !known[name] {
			t.Errorf("nothing is named %s", name)
		}
	}
}

// The bytes are a function of the graph.
func TestGoldenBytes(t *testing.T) {
	const want = "c9da520515c0edf0"
	raw, err := os.ReadFile(file(t, every, 4, 6, 2))
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprintf("%x", sha256.Sum256(raw))[:16]; got != want {
		t.Errorf("the hash is %s, want %s: it changes with what is written, and then must be set anew", got, want)
	}
}

// A file that would be too large is an error with the size and the way out, and nothing is written.
func TestSizeError(t *testing.T) {
	g := New()
	half := make([]byte, 1<<30)
	for range 2 { // the same memory twice
		g.constants = append(g.constants, constant{"w", Float, []int{1 << 28}, half})
	}
	var b bytes.Buffer
	err := g.Write(&b, "test", "1", nil)
	var size *SizeError
	if !errors.As(err, &size) || b.Len() > 0 || !strings.Contains(err.Error(), "2.00 GiB") || !strings.Contains(err.Error(), "fewer parameters") {
		t.Errorf("%v, %d bytes", err, b.Len())
	}
	if CheckSize(Limit) != nil || CheckSize(Limit+1) == nil {
		t.Error("the limit is elsewhere")
	}
}

// counted is a writer that counts bytes.
type counted int64

func (n *counted) Write(p []byte) (int, error) {
	*n += counted(len(p))
	return len(p), nil
}

// What counts is the whole file: a graph that would fit is too large with metadata that do not.
func TestSizeOfAll(t *testing.T) {
	g := New()
	half := make([]byte, 1<<30)
	g.constants = []constant{{"w", Float, []int{1 << 28}, half}, {"v", Float, []int{1<<28 - 50}, half[:1<<30-200]}}
	var n counted
	if err := g.Write(&n, "test", "1", nil); err != nil || n < 1<<31-200 || n > Limit {
		t.Errorf("without metadata: %v, %d bytes", err, n)
	}
	n = 0
	var size *SizeError
	if err := g.Write(&n, "test", "1", []Property{{"key", strings.Repeat("a", 1000)}}); !errors.As(err, &size) || n > 0 {
		t.Errorf("with metadata: %v, %d bytes", err, n)
	}
}

// What is wrong in this package's callers is a panic that says so.
func TestPanics(t *testing.T) {
	for want, f := range map[string]func(){
		"its shape is [3]":   func() { New().Floats("w", make([]float32, 2), 3) },
		"attribute a is a s": func() { (Attribute{"a", "text"}).encode() },
	} {
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.Contains(got, want) {
					t.Errorf("panic %s, want %s", got, want)
				}
			}()
			f()
		}()
	}
}
