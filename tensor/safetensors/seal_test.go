package safetensors

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func sealed(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := EncodeSealed(&b, sample()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A sealed file comes back, and any reader of the format reads it too, checksum and all.
func TestSealedRoundTrip(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.safetensors")
	if err := WriteSealed(path, sample()); err != nil {
		t.Fatal(err)
	}
	got, err := ReadSealed(path)
	if err != nil {
		t.Fatal(err)
	}
	same(t, got, sample())
	plain, err := Read(path)
	if err != nil || len(plain.Metadata["sha256"]) != 64 {
		t.Errorf("read plainly: %v, %v", plain, err)
	}
	if err := WriteSealed(path, plain); err == nil {
		t.Error("a file was sealed twice")
	}
}

// Every flipped bit and every cut is found, before anything is used.
func TestSealFindsDamage(t *testing.T) {
	whole := sealed(t)
	var damage *SealError
	for i := range whole {
		for bit := range 8 {
			b := bytes.Clone(whole)
			b[i] ^= 1 << bit
			if _, err := DecodeSealed(bytes.NewReader(b), int64(len(b))); !errors.As(err, &damage) {
				t.Fatalf("bit %d of byte %d flipped: %v", bit, i, err)
			}
		}
		if _, err := DecodeSealed(bytes.NewReader(whole[:i]), int64(i)); !errors.As(err, &damage) {
			t.Fatalf("the first %d of %d bytes: %v", i, len(whole), err)
		}
	}
	longer := append(bytes.Clone(whole), 0)
	if _, err := DecodeSealed(bytes.NewReader(longer), int64(len(longer))); !errors.As(err, &damage) {
		t.Errorf("a byte more: %v", err)
	}
}

// A file without a checksum is not taken for one whose checksum is right, and the error names it.
func TestUnsealed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.safetensors")
	if err := Write(path, sample()); err != nil {
		t.Fatal(err)
	}
	var damage *SealError
	if _, err := ReadSealed(path); !errors.As(err, &damage) || !strings.Contains(err.Error(), path+": there is no checksum") {
		t.Errorf("a plain file: %v", err)
	}
	if _, err := ReadSealed(filepath.Join(t.TempDir(), "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	// A header that ends within the digits.
	b := image(`{"__metadata__":{"sha256":"00`, 0)
	if _, err := DecodeSealed(bytes.NewReader(b), int64(len(b))); !errors.As(err, &damage) {
		t.Errorf("a short checksum: %v", err)
	}
}

// A disk that is full after n bytes is an error, for every n.
func TestEncodeToFullDisk(t *testing.T) {
	whole := len(sealed(t))
	for n := range whole {
		if err := EncodeSealed(&full{n}, sample()); !errors.Is(err, errFull) {
			t.Fatalf("room for %d of %d bytes: %v", n, whole, err)
		}
	}
	if err := EncodeSealed(&full{whole}, sample()); err != nil {
		t.Error(err)
	}
}

var errFull = errors.New("the disk is full")

// full has room for so many bytes more.
type full struct{ room int }

func (f *full) Write(b []byte) (int, error) {
	n := min(len(b), f.room)
	f.room -= n
	if n < len(b) {
		return n, errFull
	}
	return n, nil
}

// A sealed file is what was sealed, or refused: whatever passes can be read plainly too, to the same.
func FuzzSealed(f *testing.F) {
	var b bytes.Buffer
	if err := EncodeSealed(&b, sample()); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add(image(`{"__metadata__":{"sha256":"`+noSum+`"}}`, 0))
	f.Add(image(`{"__metadata__":{"sha256":"00`, 0))
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := DecodeSealed(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return
		}
		plain, err := Decode(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		delete(plain.Metadata, sumKey)
		same(t, file, plain)
	})
}
