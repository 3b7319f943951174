package spdiff

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"spdiff/nn"
	"spdiff/tensor/safetensors"
)

// Weights of others are errors that name the command that makes a model of them; files that are no weights are not.
func TestLoadOfForeignFiles(t *testing.T) {
	dir := t.TempDir()
	plain := filepath.Join(dir, "adm.safetensors")
	u, err := nn.NewUNet(nn.DigitsS())
	if err != nil {
		t.Fatal(err)
	}
	if err := safetensors.Write(plain, nn.Weights(u.Params(), nil)); err != nil {
		t.Fatal(err)
	}
	junk := filepath.Join(dir, "junk.safetensors")
	os.WriteFile(junk, []byte("junk, and more of it"), 0o644)
	for path, want := range map[string]bool{
		plain:                                 true,
		"tensor/torchfile/testdata/state.pt":  true,
		"tensor/torchfile/testdata/legacy.pt": true,
		junk:                                  false,
		filepath.Join(dir, "none"):            false,
		dir:                                   false,
	} {
		_, err := Load(path)
		if err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", path, err)
		} else if strings.Contains(err.Error(), fmt.Sprintf("import -in %q ", path)) != want {
			t.Errorf("%s: %v; advice wanted: %v", path, err, want)
		}
	}
}

// A file that is damaged is not taken for one of another format because the length of its header begins as that does.
func TestDamagedIsNotForeign(t *testing.T) {
	for _, n := range []int{0x280, 0x480, '{'} { // pickles of two protocols, a text
		b := binary.LittleEndian.AppendUint64(nil, uint64(n))
		b = fmt.Appendf(b, "%-*s", n, `{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`)
		b = append(b, 0, 0, 0) // of four
		var e *FileError
		if _, err := Load(put(t, string(b))); err == nil || errors.As(err, &e) || !strings.Contains(err.Error(), "truncated") {
			t.Errorf("a header of %d bytes: %v", n, err)
		}
	}
}
