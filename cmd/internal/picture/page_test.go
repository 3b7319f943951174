package picture

import (
	"bytes"
	"encoding/binary"
	"testing"
)

// Each page of a TIFF is read, and there is no other.
func TestPages(t *testing.T) {
	file := encoded(t, whole(t, kinds(t)["grey16"]), "TIFF")
	second := encoded(t, whole(t, kinds(t)["colour"]), "TIFF")
	shift := uint32(len(file))
	at := binary.LittleEndian.Uint32(file[4:])
	binary.LittleEndian.PutUint32(file[len(file)-4:], shift+binary.LittleEndian.Uint32(second[4:]))
	dir := second[binary.LittleEndian.Uint32(second[4:]):]
	for e := dir[2 : len(dir)-4]; len(e) > 0; e = e[12:] { // of the second page, what lies elsewhere moved
		if tag := binary.LittleEndian.Uint16(e); tag == 273 || tag == 258 {
			binary.LittleEndian.PutUint32(e[8:], shift+binary.LittleEndian.Uint32(e[8:]))
		}
	}
	both := append(bytes.Clone(file), second...)
	if at == 0 || whole(t, both).More != 1 {
		t.Fatalf("%d pages more", whole(t, both).More)
	}
	for k, name := range []string{"grey16", "colour"} {
		r, err := Page(bytes.NewReader(both), k)
		if err != nil {
			t.Fatal(err)
		}
		w, err := ReadWhole(t.Context(), r, int64(len(both)))
		if err != nil || !alike(w, whole(t, kinds(t)[name])) {
			t.Errorf("page %d: %+v, %v", k, w, err)
		}
	}
	if _, err := Page(bytes.NewReader(both), 2); err == nil {
		t.Error("there is a third page")
	}
}
