package spdiff

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"sync"

	"spdiff/autodiff"
	"spdiff/nn"
	"spdiff/sde"
	"spdiff/tensor"
	"spdiff/tensor/safetensors"
)

// A GAN is a trained generator: it makes an image in one evaluation. It does not change, and any number of goroutines may use it at
// once. It draws images and can do no more: to denoise, or to have a density, takes a diffusion, a [Model].
type GAN struct {
	config  GANConfig
	network *nn.Generator

	mu       sync.Mutex
	programs map[ganSize]*ganSampler
}

// A ganSize is the number of images that a program draws, and the precision of its products.
type ganSize struct {
	n         int
	precision Precision
}

var _ Generator = (*GAN)(nil)

// A ganSampler draws a number of images at a time.
type ganSampler struct {
	ganProgram
	free sync.Pool // of workspaces
}

// Config returns the configuration that the model was trained with: a copy.
func (m *GAN) Config() GANConfig { return m.config.Clone() }

// Parameters returns how many numbers of the generator were trained.
func (m *GAN) Parameters() int { return nn.Count(m.network) }

// Shape returns rows, columns and channels of the images.
func (m *GAN) Shape() (h, w, c int) {
	n := m.config.Network
	return n.ImageHeight, n.ImageWidth, n.Out
}

// Classes returns how many classes there are, 0 if the model was trained without.
func (m *GAN) Classes() int { return m.config.Network.Classes }

// Samples draws images one after another, as [Model.Samples] does: image k of a seed is the same image, bit for bit, whatever N,
// First, Batch, the number of threads and the instruction set. Its noise is that of a diffusion's image k. Of s, Steps, Solver and
// Trace are for diffusions and change nothing.
func (m *GAN) Samples(ctx context.Context, s Sampling) iter.Seq2[Drawn, error] {
	s, err := m.settled(s)
	return streamed(ctx, s, err, func(images []int) (*tensor.Tensor, error) { return m.drawn(ctx, s.Reversal, images) })
}

// Sample returns the images that [GAN.Samples] draws, (N, H, W, C), or its error.
func (m *GAN) Sample(ctx context.Context, s Sampling) (*tensor.Tensor, error) {
	return sampled(ctx, m, s)
}

// settled returns s with the zero values replaced, or a *SettingError.
func (m *GAN) settled(s Sampling) (Sampling, error) {
	if s.Guidance != 0 {
		return s, &SettingError{Field: "Guidance", Value: s.Guidance, Reason: "a GAN is always told the class, and has no network without; give 0"}
	}
	s.Steps, s.Solver = 0, nil
	return s.settled(Config{Network: nn.UNetConfig{Classes: m.Classes()}, Precision: m.config.Precision})
}

// drawn draws the images of these numbers.
func (m *GAN) drawn(ctx context.Context, r Reversal, images []int) (*tensor.Tensor, error) {
	order := m.config.Group.Order()
	x, err := m.evaluate(ctx, ganSize{len(images), r.Precision}, func(l latent) {
		for i, k := range images {
			l.draw(i, tensor.NewStream(r.Seed, uint64(k)), posed.stream(r.Seed, uint64(k)), order)
			if l.class != nil {
				l.class[i] = float32(r.class(k))
			}
		}
	})
	var broken *sde.NotFiniteError
	if errors.As(err, &broken) {
		broken.Image = images[broken.Image]
	}
	return x, err
}

// Generate returns the images (N, H, W, C) of latents: noise z (N, Latent), and for each image an element of the group and a class. Of
// a model of [SPGAN] the element a·k gives the image of k moved by a, bit for bit. For other variants elements must be nil, and for
// models without classes so must classes. It returns a *SettingError if they do not fit or a number of z is not finite; an
// [*sde.NotFiniteError] if one of an image is not, because z is too large or weights are broken; or else the errors of [GAN.Sample].
func (m *GAN) Generate(ctx context.Context, z *tensor.Tensor, elements, classes []int) (*tensor.Tensor, error) {
	n := m.config.Network
	if err := checkNoise(z, n.Latent); err != nil {
		return nil, err
	}
	s := z.Shape()
	check := func(field string, given []int, wanted bool, below int) error {
		if wanted && len(given) != s[0] || !wanted && given != nil {
			return &SettingError{Field: field, Value: len(given), Reason: "there is one for each image where the model takes them, else none"}
		}
		for _, k := range given {
			if k < 0 || k >= below {
				return &SettingError{Field: field, Value: k, Reason: fmt.Sprintf("they are from 0 to %d", below-1)}
			}
		}
		return nil
	}
	if err := errors.Join(check("elements", elements, n.Symmetrise, n.Group.Order()), check("classes", classes, n.Classes > 0, n.Classes)); err != nil {
		return nil, err
	}
	return m.evaluate(ctx, ganSize{s[0], m.config.Precision}, func(l latent) {
		copy(l.z, z.Data())
		for i, k := range elements {
			l.element[i] = float32(k)
		}
		for i, k := range classes {
			l.class[i] = float32(k)
		}
	})
}

// checkNoise returns a *SettingError unless z is so many finite numbers for each of some images.
func checkNoise(z *tensor.Tensor, numbers int) error {
	if z == nil {
		return &SettingError{Field: "z", Value: nil, Reason: fmt.Sprintf("noise is (N, %d)", numbers)}
	}
	if s := z.Shape(); len(s) != 2 || s[0] < 1 || s[1] != numbers {
		return &SettingError{Field: "z", Value: s, Reason: fmt.Sprintf("noise is (N, %d)", numbers)}
	}
	if i := notFinite(z.Data()); i >= 0 {
		return &SettingError{Field: "z", Value: z.Data()[i], Reason: fmt.Sprintf("this is number %d of image %d; noise must be finite", i%numbers, i/numbers)}
	}
	return nil
}

// evaluate runs the generator on latents, which fill sets.
func (m *GAN) evaluate(ctx context.Context, size ganSize, fill func(latent)) (*tensor.Tensor, error) {
	if err := sde.Stopped(ctx); err != nil {
		return nil, err
	}
	p, err := m.program(size)
	if err != nil {
		return nil, err
	}
	w, ok := p.free.Get().(*autodiff.Workspace)
	if !ok {
		w = p.compiled.NewWorkspace()
		if w.PrepareContext(ctx) != nil {
			return nil, sde.Stopped(ctx)
		}
	}
	defer p.free.Put(w)
	fill(p.latent(w))
	w.Run()
	h, width, c := m.Shape()
	x := tensor.New(size.n, h, width, c)
	copy(x.Data(), w.Output(p.image))
	if i := notFinite(x.Data()); i >= 0 {
		n := h * width * c
		return nil, &sde.NotFiniteError{What: "the generator's output", Value: x.Data()[i], Image: i / n, Index: i % n}
	}
	return x, nil
}

// program returns the generator compiled for a number of images at a time, or a *MemoryError if there is no room to run it.
func (m *GAN) program(size ganSize) (*ganSampler, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if p := m.programs[size]; p != nil {
		return p, nil
	}
	c, n := m.config.Network, size.n
	if err := enough(float64(n)*float64(c.ImageHeight)*float64(c.ImageWidth)*float64(c.Generator[len(c.Generator)-1]), "a feature map of %d images", n); err != nil {
		return nil, err
	}
	p := &ganSampler{ganProgram: ganProgram{ganInputs: newGANInputs(c, n, size.precision)}}
	p.image = m.network.Apply(p.z, p.conditions(nil))
	p.compiled = autodiff.Compile(p.image)
	if err := enough(float64(p.compiled.ArenaLen())+float64(m.Parameters()), "sampling %d images at a time (a smaller batch takes less)", n); err != nil {
		return nil, err
	}
	if len(m.programs) >= maxPrograms {
		clear(m.programs)
	}
	if m.programs == nil {
		m.programs = map[ganSize]*ganSampler{}
	}
	m.programs[size] = p
	return p, nil
}

// fits returns a *MemoryError if there is no room to draw n images at a time.
func (m *GAN) fits(n int, p Precision) error {
	if n < 1 {
		return nil
	}
	_, err := m.program(ganSize{n, p})
	return err
}

// Save writes the model to a file, as [Model.Save] does: the generator, and the running statistics of its norms.
func (m *GAN) Save(path string) error {
	return ofModel(safetensors.WriteSealed(path, m.file()))
}

// Encode writes the bytes of the file that [GAN.Save] makes.
func (m *GAN) Encode(w io.Writer) error {
	return ofModel(safetensors.EncodeSealed(w, m.file()))
}

func (m *GAN) file() *safetensors.File {
	return nn.Weights(append(m.network.Params(), m.network.Buffers()...), m.config.metadata(KindGAN))
}

// LoadGAN reads a model that [GAN.Save] wrote, and returns such errors as [Load] does.
func LoadGAN(path string) (*GAN, error) { return fromFile(path, decodeGAN) }

// LoadGenerator reads a model that draws images, of whatever kind: a [Model] or a [GAN].
func LoadGenerator(path string) (Generator, error) { return fromFile(path, decodeGenerator) }

// DecodeGenerator is [LoadGenerator] for a file of size bytes that is not in a file system, as [Decode] is for [Load].
func DecodeGenerator(r io.ReaderAt, size int64) (Generator, error) {
	return fromBytes(r, size, decodeGenerator)
}

// decodeGenerator is the decoder of models of whatever kind.
func decodeGenerator(path string, r io.ReaderAt, size int64, h *safetensors.Header) (Generator, error) {
	if kindOf(h.Metadata) == KindGAN {
		return orNone(decodeGAN(path, r, size, h))
	}
	return orNone(decode(path, r, size, h))
}

// orNone returns a model, or the error of reading it and no Generator at all.
func orNone[M Generator](m M, err error) (Generator, error) {
	if err != nil {
		return nil, err
	}
	return m, nil
}

// decodeGAN is the decoder of a GAN.
func decodeGAN(path string, r io.ReaderAt, size int64, h *safetensors.Header) (*GAN, error) {
	c, err := claimed(path, h, KindGAN, func(c GANConfig) int64 { return c.Network.GeneratorParameters() })
	if err != nil {
		return nil, err
	}
	network, err := nn.NewGenerator(c.Network)
	if err != nil {
		return nil, err
	}
	if err := setNumbers(append(network.Params(), network.Buffers()...), r, size, h, safetensors.DecodeSealed); err != nil {
		return nil, err
	}
	return &GAN{config: c, network: network}, nil
}
