package safetensors

import (
	"bytes"
	"slices"
	"testing"

	"spdiff/tensor"
)

// The header says what the file has, and is refused where Decode would refuse the file.
func TestDecodeHeader(t *testing.T) {
	f := &File{Metadata: map[string]string{"kind": "k"}, Tensors: []Tensor{{"a", tensor.New(2, 3)}, {"b", tensor.New()}, {"c", tensor.New(0, 4)}}}
	var b bytes.Buffer
	if err := EncodeSealed(&b, f); err != nil {
		t.Fatal(err)
	}
	h, err := DecodeHeader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil || h.Metadata["kind"] != "k" || !slices.Equal(h.Names, []string{"a", "b", "c"}) || h.Numbers != 7 || !h.Sealed {
		t.Errorf("%+v, %v", h, err)
	}
	for n := range b.Len() {
		if _, err := DecodeHeader(bytes.NewReader(b.Bytes()[:n]), int64(n)); err == nil {
			t.Fatalf("the first %d of %d bytes are a file", n, b.Len())
		}
	}
}
