package spdiff

import (
	"bytes"
	"fmt"
	"io"

	"spdiff/tensor/safetensors"
	"spdiff/tensor/torchfile"
)

// importing says what makes a model of a file with the weights of others.
func importing(path string) string {
	return fmt.Sprintf("if these are the weights of an ADM U-Net, the command import makes a model of them: import -in %q -out model.safetensors "+
		"-size PIXELS -head-channels N -qkv legacy|new -schedule NAME -predict NAME (without flags but -in it says what the file itself tells)", path)
}

// foreign is the error of a safetensors file that another program wrote.
func foreign(path string, h *safetensors.Header) error {
	first := "none"
	if len(h.Names) > 0 {
		first = fmt.Sprintf("%.60q …", h.Names[0])
	}
	return &FileError{fmt.Sprintf("a safetensors file of another program, whose metadata has no configuration under \"config\": %d tensors, %s",
		len(h.Names), first), importing(path)}
}

// formats are how files of other formats begin, and what they are.
var formats = []struct{ begin, is string }{
	{"PK\x03\x04", "a zip archive, such as numpy's .npz"},
	{"\x80\x02", "a pickle, such as Python's"},
	{"\x80\x04", "a pickle, such as Python's"},
	{"\x93NUMPY", "an array of numpy"},
	{"\x89HDF", "an HDF5 file, such as Keras's"},
	{"\x89PNG", "an image"},
	{"\xff\xd8\xff", "an image"},
	{"GGUF", "a GGUF file"},
	{"{", "a text, such as a run's config.json"},
}

// ours is how a safetensors file goes on after its first four bytes. These are the lower half of the header's length, and may look like
// another format: those of the length 640 begin as a pickle does.
var ours = []byte("\x00\x00\x00\x00{")

// recognise returns what a file is that is no safetensors file, nil if that is not known.
func recognise(path string, r io.ReaderAt) error {
	var b [16]byte
	n, _ := r.ReadAt(b[:], 0)
	if bytes.HasPrefix(b[4:], ours) {
		return nil // it is one, and damaged
	}
	if torchfile.Is(b[:n]) {
		return &FileError{"a file of PyTorch's torch.save, without a configuration", importing(path)}
	}
	for _, f := range formats {
		if bytes.HasPrefix(b[:n], []byte(f.begin)) {
			return &FileError{f.is, "a model is a safetensors file, as Model.Save and the command train write it"}
		}
	}
	return nil
}
