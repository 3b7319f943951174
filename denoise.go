package spdiff

import (
	"context"
	"log/slog"
	"time"

	"spdiff/asm"
	"spdiff/group"
	"spdiff/sde"
	"spdiff/tensor"
)

// A Denoising says how images are denoised: the image in place k of a batch has the number First+k.
type Denoising struct {
	Start float64 // t₀, a time of the process, whose noise covers what is to be removed; 0: that at which σ = α
	Reversal
}

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
// denoised whole. Larger ones are covered by overlapping tiles, whose predictions are joined at every step, just as exactly:
// there are no seams, since all tiles share one state and one noise. On oblong images the group is the part that acts on them:
// of C4 the half turn, of D4 the half turn and both mirrors. If the images' classes are known, give them in d.Classes; otherwise
// they are the classes of drawn images with the same numbers.
//
// It returns a [*SettingError]; an [*ImageError] for images that do not fit the network or are not finite; an error that matches
// ctx's error and its cause (errors.Is), if it is cancelled; an [*sde.NotFiniteError] if the network's output is not finite; with
// [sde.DormandPrince] an [*sde.ToleranceError]; with [CF] an [*sde.TieError], with the image's number, if an image has no canonical
// frame; or a [*MemoryError] if what the images take, or a batch of the network, does not fit into the machine.
func (m *Model) Denoise(ctx context.Context, img *tensor.Tensor, d Denoising) (_ *tensor.Tensor, _ []sde.Tie, err error) {
	e, err := m.newEdit(ctx, img, d)
	if err != nil {
		return nil, nil, err
	}
	begun := time.Now()
	defer func() {
		ended(ctx, slog.LevelDebug, "images denoised", begun, err, slog.Int("images", e.n), slog.Int("rows", e.h), slog.Int("columns", e.w),
			slog.Int("tiles", e.tiling.Tiles()), slog.Int("steps", len(e.times)-1))
	}()
	z := tensor.New(img.Shape()...)
	if err := e.start(z.Data(), img.Data()); err != nil {
		return nil, nil, err
	}
	together := e.together()
	for at := 0; at < e.n; at += together {
		n := min(together, e.n-at)
		if err := e.solve(z.Data()[at*e.size:(at+n)*e.size], e.images[at:at+n]); err != nil {
			return nil, nil, err
		}
	}
	asm.Clamp(z.Data(), -1, 1, z.Data())
	return z, e.ties, nil
}

// An edit is a call of Denoise under way.
type edit struct {
	Denoising
	ctx        context.Context
	model      *Model
	times      []float64
	n, h, w, c int
	size       int // numbers of an image
	images     []int
	tiling     *sde.Tiling
	noise      sde.Noise
	ties       []sde.Tie
}

// newEdit checks the images and the settings.
func (m *Model) newEdit(ctx context.Context, img *tensor.Tensor, d Denoising) (*edit, error) {
	s, err := m.checkImages(img, d.First)
	if err != nil {
		return nil, err
	}
	d, times, err := m.restoring(d, s[0])
	if err != nil {
		return nil, err
	}
	e := &edit{Denoising: d, ctx: ctx, model: m, times: times, n: s[0], h: s[1], w: s[2], c: s[3], size: s[1] * s[2] * s[3], images: d.numbers(0, s[0])}
	h, w, c := m.Shape()
	e.tiling = sde.NewTiling(e.h, e.w, h, w, c)
	return e, enough(e.need(), "denoising %d images of %d×%d pixels (fewer images, or parts of them, take less)", e.n, e.h, e.w)
}

// together returns how many images are solved at a time: a batch, or one that is larger than the network's.
func (e *edit) together() int {
	if e.tiling.Tiles() > 1 {
		return 1
	}
	return min(e.Batch, e.n)
}

// need returns how many numbers of four bytes the images take, beside the memory of the network: the result, the tables of their frame,
// of those that are solved together the noise as it is drawn, as it is turned, and D, and the tiles of one that is larger, cut and
// denoised. Solvers that remember, or evaluate several times a step, take more.
func (e *edit) need() float64 {
	frame := float64(e.h) * float64(e.w) * float64(e.model.Symmetry(e.h, e.w).Order()+2)
	tiles := 0.0
	if n := e.tiling.Tiles(); n > 1 {
		tiles = float64(n) * float64(e.model.size())
	}
	return frame + float64(e.size)*float64(e.n+3*e.together()) + 2*tiles
}

// restoring returns d, for n images, with the zero values replaced, and its times, or a *SettingError.
func (m *Model) restoring(d Denoising, n int) (_ Denoising, times []float64, err error) {
	p := m.Process()
	if d.Start == 0 {
		d.Start = sde.TimeOf(p, 1)
	}
	if err := checkStart(p, d.Start); err != nil {
		return d, nil, err
	}
	if d.Reversal, err = d.Reversal.settled(m.config, n); err != nil {
		return d, nil, err
	}
	times, err = d.times(p, d.Start)
	return d, times, err
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
		sde.Diffuse(e.model.Process(), z[at:at+e.size], x[at:at+e.size], eps, e.Start)
	}
	return nil
}

// solve moves images of these numbers from the start to time 0: a batch of the network's size, or one that is larger.
func (e *edit) solve(x []float32, images []int) error {
	n, tiles := len(images), e.tiling.Tiles()
	class := func(i int) int { return e.class(images[i/tiles]) }
	v := e.model.evaluator(e.ctx, e.Reversal, class)
	defer v.close()
	if err := v.prepare(n * tiles); err != nil {
		return err
	}
	d := v.solving()
	if tiles > 1 {
		d = e.tiling.Denoiser(d)
	}
	err := e.sampler(e.model.Process(), e.times, e.noise, images).Solve(e.ctx, d, x, images)
	return ofImage(err, func(place int) int { return images[place/tiles] })
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
