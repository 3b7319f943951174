package spdiff

import (
	"fmt"
	"io"
	"os"

	"spdiff/nn"
	"spdiff/tensor/atomicfile"
	"spdiff/tensor/safetensors"
)

// kindKey is where a file's metadata says what the file is.
const kindKey = "kind"

// The kinds of files that this package writes. Others that call themselves something in the metadata, under "kind", keep that
// name.
const (
	KindDiffusion = "diffusion" // a [Model]
	KindState     = "state"     // of a training: see [Resume]
	KindGAN       = "gan"       // a [GAN]
	KindGANState  = "gan-state" // of the training of one: see [ResumeGAN]
)

// Kind returns what a file is, by its header alone: [KindDiffusion], [KindState], [KindGAN], [KindGANState], or the kind
// that its metadata names. It returns a [*FileError] if it is a safetensors file that does not say, or of another format that is known;
// other errors are those of the file.
func Kind(path string) (kind string, err error) {
	err = inspect(path, func(_ io.ReaderAt, _ int64, h *safetensors.Header) error {
		if kind = kindOf(h.Metadata); kind == "" {
			return foreign(path, h)
		}
		return nil
	})
	return kind, err
}

// kindOf returns what a file of this metadata is, "" if it does not say. Older files have no kind.
func kindOf(metadata map[string]string) string {
	_, config := metadata[configKey]
	_, steps := metadata[stepsKey]
	switch {
	case metadata[kindKey] != "":
		return metadata[kindKey]
	case config && steps:
		return KindState
	case config:
		return KindDiffusion
	}
	return ""
}

// Load reads a model from a file that Save, or a training command, wrote: safetensors with PyTorch's names and layouts, and
// the configuration as JSON in the metadata. Where the metadata has a checksum too, it is checked. What a file claims is compared
// with its configuration before its numbers are read.
//
// It returns an error that names the file and what is wrong with it: a [*FileError] if it is something else that is known, a
// [*safetensors.SealError] if it has a checksum and is damaged among its numbers, an [*nn.TieError] for a tied network whose kernels in
// the file are not tied, or a [*MemoryError]. Of a file that is cut short, or damaged in its header, the error is of what no longer fits,
// and need be none of these.
func Load(path string) (*Model, error) { return fromFile(path, decode) }

// Decode is [Load] for a file of size bytes that is not in a file system: one that is embedded in a program, or in an object
// store.
func Decode(r io.ReaderAt, size int64) (*Model, error) { return fromBytes(r, size, decode) }

// A decoder reads a model from a file of size bytes with this header.
type decoder[T any] func(path string, r io.ReaderAt, size int64, h *safetensors.Header) (T, error)

// fromFile reads the model at a path.
func fromFile[T any](path string, decode decoder[T]) (m T, err error) {
	err = inspect(path, func(r io.ReaderAt, size int64, h *safetensors.Header) (err error) {
		m, err = decode(path, r, size, h)
		return err
	})
	return m, err
}

// fromBytes reads a model that is no file.
func fromBytes[T any](r io.ReaderAt, size int64, decode decoder[T]) (m T, err error) {
	h, err := headerOf("FILE", r, size)
	if err == nil {
		m, err = decode("FILE", r, size, h)
	}
	return m, ofModel(err)
}

// decode is the decoder of a diffusion.
func decode(path string, r io.ReaderAt, size int64, h *safetensors.Header) (*Model, error) {
	c, err := claimed(path, h, KindDiffusion, func(c Config) int64 { return c.Network.Parameters() })
	if err != nil {
		return nil, err
	}
	network, err := nn.NewUNet(c.Network)
	if err != nil {
		return nil, err
	}
	read := safetensors.Decode // of older files, which have no checksum
	if h.Sealed {
		read = safetensors.DecodeSealed
	}
	if err := setNumbers(network.Params(), r, size, h, read); err != nil {
		return nil, err
	}
	return newModel(c, network), nil
}

// checkKind returns a *FileError that says what a file is, and what takes it, unless it is of a kind.
func checkKind(path string, h *safetensors.Header, want string) error {
	switch kind := kindOf(h.Metadata); kind {
	case want:
		return nil
	case "":
		return foreign(path, h)
	case KindDiffusion:
		return &FileError{"a diffusion, not a GAN", "Load, LoadGenerator and the command sample take it"}
	case KindGAN:
		return &FileError{"a GAN: it draws images in one evaluation, and cannot denoise or be solved as a diffusion is", "LoadGenerator, DecodeGenerator and the command sample take it"}
	case KindState, KindGANState:
		return &FileError{"the state of a training, not a model", "the model of a run is beside it, model.safetensors; to train on, use Resume, or ResumeGAN for a GAN"}
	default:
		return &FileError{fmt.Sprintf("a model of kind %.40q, which is none of this package", kind), "load it with what wrote it"}
	}
}

// claimed returns the configuration of a model's file, of a kind and with so many parameters, before memory is taken: the file has as many
// numbers as are trained, or more where kernels are tied.
func claimed[C settings[C]](path string, h *safetensors.Header, kind string, parameters func(C) int64) (c C, err error) {
	if err := checkKind(path, h, kind); err != nil {
		return c, err
	}
	if c, err = configOf[C](h.Metadata); err != nil {
		return c, err
	}
	n := parameters(c)
	if h.Numbers < n {
		return c, wrongCount(h.Numbers, n)
	}
	return c, enough(2*float64(n)+float64(h.Numbers), "loading %d parameters", n)
}

// setNumbers sets parameters to those of a file, which is read if it has as many numbers.
func setNumbers(params []*nn.Param, r io.ReaderAt, size int64, h *safetensors.Header, read func(io.ReaderAt, int64) (*safetensors.File, error)) error {
	expanded := int64(0)
	for _, p := range params {
		expanded += int64(p.File.Size())
	}
	if h.Numbers != expanded {
		return wrongCount(h.Numbers, expanded)
	}
	f, err := read(r, size)
	if err != nil {
		return err
	}
	return nn.SetWeights(params, f)
}

// numbers returns how many numbers a file has.
func numbers(f *safetensors.File) (n int) {
	for _, t := range f.Tensors {
		n += t.Value.Len()
	}
	return n
}

func wrongCount(got, want int64) error {
	return fmt.Errorf("there are %d numbers, and its configuration describes %d parameters; the file is damaged", got, want)
}

// Save writes the model to a file, tied kernels expanded, with a checksum in the metadata. The weights load in PyTorch's U-Net of the
// ADM code as well, with the groups, head and kernel of the configuration in the file; leave out map_augment.weight, which only
// models with Config.Augmentation have. The file is written under another name and renamed: an old one stays whole until then.
func (m *Model) Save(path string) error {
	return ofModel(safetensors.WriteSealed(path, m.file()))
}

// Encode writes the bytes of the file that [Model.Save] makes.
func (m *Model) Encode(w io.Writer) error {
	return ofModel(safetensors.EncodeSealed(w, m.file()))
}

// ofModel says of an error that it is a model's.
func ofModel(err error) error {
	if err != nil {
		return fmt.Errorf("model: %w", err)
	}
	return nil
}

func (m *Model) file() *safetensors.File {
	metadata := m.config.metadata()
	metadata[kindKey] = KindDiffusion
	return nn.Weights(m.network.Params(), metadata)
}

// inspect opens a file and hands its header to do, whose error it gives the path.
func inspect(path string, do func(r io.ReaderAt, size int64, h *safetensors.Header) error) error {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return fmt.Errorf("model: %s: %w", path, &FileError{"a folder", "name a file in it; that of a run's model is model.safetensors"})
	}
	f, size, err := atomicfile.Open(path)
	if err != nil {
		return fmt.Errorf("model: %w", err)
	}
	defer f.Close()
	h, err := headerOf(path, f, size)
	if err == nil {
		err = do(f, size, h)
	}
	if err != nil {
		return fmt.Errorf("model: %s: %w", path, err)
	}
	return nil
}

// headerOf returns the header of a file of size bytes; of one of another format the error says which.
func headerOf(path string, r io.ReaderAt, size int64) (*safetensors.Header, error) {
	h, err := safetensors.DecodeHeader(r, size)
	if err != nil {
		if e := recognise(path, r); e != nil {
			err = e
		}
	}
	return h, err
}

// A FileError says that a file is something else than a model.
type FileError struct {
	Is string // what it is
	Do string // what to do
}

// Error says what the file is and what to do.
func (e *FileError) Error() string { return "this is " + e.Is + "; " + e.Do }
