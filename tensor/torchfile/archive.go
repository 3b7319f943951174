package torchfile

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"spdiff/tensor/safetensors"
)

// An archive is the zip archive that a file is.
type archive struct {
	files map[string]*zip.File // by their names in the archive's only folder
	big   bool                 // numbers are big-endian
}

// openArchive reads the list of entries and checks it against the size of the file.
func openArchive(r io.ReaderAt, size int64) (*archive, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fmt.Errorf("the archive is truncated or corrupt: %w", err)
	}
	return newArchive(z.File, size)
}

func newArchive(files []*zip.File, size int64) (*archive, error) {
	folder, err := folderOf(files)
	if err != nil {
		return nil, err
	}
	a, left := &archive{files: map[string]*zip.File{}}, uint64(size)
	for _, f := range files {
		if f.UncompressedSize64 > left {
			return nil, fmt.Errorf("the entries are said to have more than the file's %d bytes, at %.80q; it is corrupt", size, f.Name)
		}
		left -= f.UncompressedSize64
		name, ours := strings.CutPrefix(f.Name, folder)
		if !ours {
			continue
		}
		if a.files[name] != nil {
			return nil, fmt.Errorf("the entry %.80q comes twice", f.Name)
		}
		a.files[name] = f
	}
	if a.files["constants.pkl"] != nil {
		return nil, errors.New("this is a TorchScript program; save its weights alone: torch.save(torch.jit.load(FILE).state_dict(), OUT)")
	}
	return a, a.readOrder()
}

// folderOf returns the name of the folder with data.pkl, which depends on the name that the file once had, and a slash.
func folderOf(files []*zip.File) (string, error) {
	i := slices.IndexFunc(files, func(f *zip.File) bool { return strings.HasSuffix(f.Name, "/data.pkl") })
	if i < 0 {
		return "", errors.New("the archive has no data.pkl; this is no file of PyTorch's torch.save")
	}
	return strings.TrimSuffix(files[i].Name, "data.pkl"), nil
}

// readOrder reads the order of bytes, which older files, all little-endian, do not state.
func (a *archive) readOrder() error {
	if a.files["byteorder"] == nil {
		return nil
	}
	order, err := a.read("byteorder", 16)
	switch string(order) {
	case "big":
		a.big = true
	case "little":
	default:
		if err == nil {
			err = fmt.Errorf("byteorder is %.16q; it is little or big", order)
		}
	}
	return err
}

// find returns an entry, which must be stored as it is.
func (a *archive) find(name string) (*zip.File, error) {
	f := a.files[name]
	switch {
	case f == nil:
		return nil, fmt.Errorf("the archive has no entry %.80q; it is truncated or corrupt", name)
	case f.Method != zip.Store || f.CompressedSize64 != f.UncompressedSize64:
		return nil, fmt.Errorf("the entry %.80q is compressed; PyTorch stores it as it is: save it anew with torch.save", name)
	}
	return f, nil
}

// storageSize returns the number of bytes of a storage.
func (a *archive) storageSize(key string) (int64, error) {
	f, err := a.find("data/" + key)
	if err != nil {
		return 0, err
	}
	return int64(f.UncompressedSize64), nil // at most the file's size
}

// read returns the bytes of an entry, of which there are at most limit, and checks their checksum.
func (a *archive) read(name string, limit int64) ([]byte, error) {
	f, err := a.find(name)
	if err != nil {
		return nil, err
	}
	if n := int64(f.UncompressedSize64); n > limit {
		return nil, fmt.Errorf("the entry %.80q has %d bytes; at most %d are allowed", name, n, limit)
	}
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("the entry %.80q is corrupt: %w", name, err)
	}
	defer r.Close()
	b := make([]byte, f.UncompressedSize64)
	if _, err = io.ReadFull(r, b); err == nil {
		_, err = io.Copy(io.Discard, r) // to the end, where the checksum is compared
	}
	if errors.Is(err, zip.ErrChecksum) {
		return nil, fmt.Errorf("the entry %.80q is not as it was written: its checksum is another; if the file was saved without "+
			"checksums (torch.serialization.set_crc32_options), save it with them", name)
	}
	if err != nil {
		return nil, fmt.Errorf("the entry %.80q cannot be read: %w", name, err)
	}
	return b, nil
}

// load returns the file with the numbers of its tensors.
func (a *archive) load(found *found) (*safetensors.File, error) {
	return found.load(func(s *storage) ([]byte, error) {
		b, err := a.read("data/"+s.key, s.bytes())
		if a.big {
			reverse(b, s.size)
		}
		return b, err
	})
}

// reverse turns the bytes of each number around.
func reverse(b []byte, size int) {
	for ; len(b) >= size; b = b[size:] {
		slices.Reverse(b[:size])
	}
}
