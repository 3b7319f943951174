package spdiff

import (
	"context"
	"fmt"
	"slices"

	"spdiff/autodiff"
	"spdiff/group"
	"spdiff/sde"
	"spdiff/tensor"
)

// Denoise denoises images by SDEdit (section 6.3 of the paper): noise is added to the image x up to the time t₀, and the
// reverse diffusion removes it again, and with it what is unlikely in x,
//
//	x_t₀ = α x + σ κε₀,    then the reverse of the diffusion from t₀ to 0 with noises κε₁, κε₂, …    κ = κ*(x)
//
// The noise moves with the image (section 5.2): with an equivariant model Denoise commutes with the group, bit for bit,
// stochastic or not. The second result has the images for which it cannot, since they have a symmetry of their own: see
// [sde.Tie].
//
// img is (H, W, C) or a batch (N, H, W, C) of values in [−1, 1], and so is the result. Images of the network's size are
// denoised whole. Larger ones are covered by overlapping tiles, whose predictions are joined at every step, the same exactness
// kept: there are no seams, for all tiles are of one state and one noise. On oblong images the symmetries are those that act:
// of C4 the half turn, of D4 the half turn and both mirrors.
//
// It returns an *ImageError for images that do not fit the network, ctx's error if it is cancelled between steps, an
// *sde.NotFiniteError, or a *MemoryError.
func (m *Model) Denoise(ctx context.Context, img *tensor.Tensor, d Denoising) (*tensor.Tensor, []sde.Tie, error) {
	d, err := d.withDefaults(m.config)
	if err != nil {
		return nil, nil, err
	}
	e, err := m.newEdit(img, d)
	if err != nil {
		return nil, nil, err
	}
	z := tensor.New(img.Shape()...)
	if err := e.start(z.Data(), img.Data()); err != nil {
		return nil, nil, err
	}
	together := d.Batch
	if e.tiling.Tiles() > 1 {
		together = 1
	}
	for at := 0; at < e.n; at += together {
		n := min(together, e.n-at)
		if err := e.solve(ctx, z.Data()[at*e.size:(at+n)*e.size], e.images[at:at+n]); err != nil {
			return nil, nil, err
		}
	}
	return z, e.ties, nil
}

// An ImageError says why images do not fit a network.
type ImageError struct {
	Shape   tensor.Shape // the images'
	Network tensor.Shape // rows, columns and channels that the network takes
	Reason  string
}

// Error says what is wrong and what would fit.
func (e *ImageError) Error() string {
	return fmt.Sprintf("denoising: images of %v: %s; the network takes %v, and larger images by tiles", e.Shape, e.Reason, e.Network)
}

// An edit is a call of Denoise under way.
type edit struct {
	Denoising
	model      *Model
	n, h, w, c int
	size       int // numbers of an image
	images     []int
	tiling     *sde.Tiling
	noise      sde.Noise
	ties       []sde.Tie
}

// newEdit checks the images.
func (m *Model) newEdit(img *tensor.Tensor, d Denoising) (*edit, error) {
	c := m.config.Network
	shape := img.Shape()
	fail := func(reason string) (*edit, error) {
		return nil, &ImageError{shape, tensor.Shape{c.ImageHeight, c.ImageWidth, c.Out}, reason}
	}
	s := shape
	if len(s) == 3 {
		s = append(tensor.Shape{1}, s...)
	}
	switch {
	case len(s) != 4 || img.Len() == 0:
		return fail("an image is (H, W, C), a batch (N, H, W, C)")
	case s[3] != c.Out:
		return fail(fmt.Sprintf("they have %d channels", s[3]))
	case s[1] < c.ImageHeight || s[2] < c.ImageWidth:
		return fail("they are smaller than the network's; enlarge them or add a border")
	case s[0] > maxDraws || d.First > maxDraws-s[0]:
		return fail(fmt.Sprintf("their numbers, from %d, go beyond %d", d.First, maxDraws))
	}
	e := &edit{Denoising: d, model: m, n: s[0], h: s[1], w: s[2], c: s[3], size: s[1] * s[2] * s[3]}
	e.tiling = sde.NewTiling(e.h, e.w, c.ImageHeight, c.ImageWidth, c.Out)
	for i := range e.n {
		e.images = append(e.images, d.First+i)
	}
	return e, nil
}

// start sets z to the noisy images x_t₀.
func (e *edit) start(z, x []float32) error {
	f, err := group.NewFrame(e.model.Symmetry(e.h, e.w), e.h, e.w, e.c)
	if err != nil {
		return err
	}
	e.noise, e.ties = sde.Framed(sde.Seeded(e.Seed), f, x, e.images)
	eps := make([]float32, e.size)
	for i, image := range e.images {
		e.noise(eps, image, sde.Start)
		at := i * e.size
		sde.Diffuse(e.model.config.process(), z[at:at+e.size], x[at:at+e.size], eps, e.Start)
	}
	return nil
}

// Symmetry returns the group under which Denoise of an equivariant model commutes on images of h×w pixels: the model's, or on
// oblong ones the part of it that acts on them.
func (m *Model) Symmetry(h, w int) group.Group { return acting(m.config.Group, h, w) }

// acting returns the largest subgroup of g, among those of this module, that acts on images of h×w pixels.
func acting(g group.Group, h, w int) group.Group {
	if g.Acts(h, w) == nil {
		return g
	}
	if g == group.D4 {
		return group.D2
	}
	return group.C2
}

// solve moves images of these numbers from the start to time 0: a batch of the network's size, or one that is larger.
func (e *edit) solve(ctx context.Context, x []float32, images []int) error {
	s := sde.Sampler{Process: e.model.config.process(), Solver: e.Solver, Times: e.times(e.model.config.process()), Noise: e.noise}
	if e.Trace != nil {
		s.Trace = func(step sde.Snapshot) { e.Trace(images, step) }
	}
	d, free, err := e.denoiser(images)
	if err != nil {
		return err
	}
	defer free()
	return s.Solve(ctx, d, x, images)
}

// denoiser returns that of images of these numbers: of the network's size, or of one image by its tiles. What it returns
// besides gives the workspaces back.
func (e *edit) denoiser(images []int) (d sde.Denoiser, free func(), err error) {
	n, tiles := len(images), e.tiling.Tiles()
	classes := e.classes(images)
	if tiles > 1 {
		n, classes = tiles, slices.Repeat(classes, tiles)
	}
	room := map[int]*workspace{} // by the size of the batch
	free = func() {
		for _, w := range room {
			w.program.free.Put(w.Workspace)
		}
	}
	var parts []sde.Denoiser
	var sizes []int
	for at := 0; at < n; at += e.Batch {
		size := min(e.Batch, n-at)
		if room[size] == nil {
			p, err := e.model.program(size)
			if err != nil {
				free()
				return nil, nil, err
			}
			room[size] = &workspace{p, p.workspace()}
		}
		var some []int
		if len(classes) > 0 {
			some = classes[at : at+size]
		}
		parts, sizes = append(parts, e.model.denoiser(room[size].program, room[size].Workspace, some)), append(sizes, size)
	}
	if tiles == 1 {
		return parts[0], free, nil
	}
	return e.tiling.Denoiser(parts, sizes), free, nil
}

// A workspace is one of a program.
type workspace struct {
	program *program
	*autodiff.Workspace
}

// classes returns those of images of these numbers, nil where the network has none.
func (e *edit) classes(images []int) (classes []int) {
	for _, k := range images {
		if len(e.Classes) > 0 {
			classes = append(classes, e.Classes[k%len(e.Classes)])
		}
	}
	return classes
}
