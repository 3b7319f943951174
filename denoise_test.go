package spdiff

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"spdiff/group"
	"spdiff/sde"
	"spdiff/tensor"
)

// pictures returns n images of blobs, of any size.
func pictures(n, h, w int) *tensor.Tensor {
	z := tensor.New(n, h, w, 1)
	for i := range n {
		tensor.NewStream(21, uint64(i)).Normal(z.At(i).Data(), 0)
	}
	d := Degrade(z, 3)
	for i, v := range d.Data() {
		d.Data()[i] = max(-1, min(1, 2*v))
	}
	return d
}

func denoise(t *testing.T, m *Model, img *tensor.Tensor, d Denoising) *tensor.Tensor {
	t.Helper()
	if d.Steps == 0 {
		d.Steps = 3
	}
	if m.config.Network.Classes > 0 && d.Classes == nil {
		d.Classes = []int{1, 0}
	}
	z, ties, err := m.Denoise(context.Background(), img, d)
	if err != nil || len(ties) > 0 {
		t.Fatal(err, ties)
	}
	return z
}

// The law of section 6.3: Denoise(h·x) is h·Denoise(x) to the last bit for every method that guarantees it, stochastic or not,
// on images of the network's size, larger ones and oblong ones; and not for the others.
func TestDenoiseIsEquivariant(t *testing.T) {
	if testing.Short() {
		t.Skip("minutes without assembly")
	}
	for _, g := range []group.Group{group.H, group.C4, group.D4} {
		for method := range Method(len(methods)) {
			c := tiny(g, method)
			if g == group.H {
				c.Network.Classes = 0
			}
			m := train(t, c)
			solvers := []sde.Solver{nil}
			if method == WT || method == Plain {
				solvers = append(solvers, sde.DDIM{}, sde.EulerMaruyama{Lambda: 1}, sde.DPMSolver{Eta: 1})
			}
			sizes := [][2]int{{8, 8}, {13, 13}, {8, 15}}
			if method != WT { // the evaluation differs, not what is done with it
				sizes = sizes[:2]
			}
			for _, size := range sizes {
				for _, solver := range solvers {
					x := pictures(2, size[0], size[1])
					shape := group.Images{N: 2, H: size[0], W: size[1], C: 1}
					diff := group.Check(m.Symmetry(size[0], size[1]), func(z, x []float32) {
						copy(z, denoise(t, m, tensor.From(x, 2, size[0], size[1], 1), Denoising{Reversal: Reversal{Solver: solver}}).Data())
					}, x.Data(), shape, shape)
					if diff.Exact != method.Exact() {
						t.Errorf("%v %v, %T on %v: %v", g, method, solver, size, diff)
					}
				}
			}
		}
	}
}

// An image has the same result in any batch, and alone, with its number; (H, W, C) is a batch of one.
func TestDenoiseDoesNotDependOnBatch(t *testing.T) {
	m := train(t, tiny(group.C4, WT))
	for _, side := range []int{8, 12} {
		x := pictures(5, side, side)
		all := denoise(t, m, x, Denoising{Reversal: Reversal{First: 2}})
		for _, batch := range []int{1, 2, 7} {
			if !slices.Equal(bits(denoise(t, m, x, Denoising{Reversal: Reversal{First: 2, Batch: batch}}).Data()), bits(all.Data())) {
				t.Errorf("side %d: other images in batches of %d", side, batch)
			}
		}
		one := denoise(t, m, tensor.From(x.At(3).Data(), side, side, 1), Denoising{Reversal: Reversal{First: 5}})
		if !slices.Equal(bits(one.Data()), bits(all.At(3).Data())) || !one.Shape().Equal(tensor.Shape{side, side, 1}) {
			t.Errorf("side %d: image 5 alone is another, of shape %v", side, one.Shape())
		}
	}
}

// Every setting matters: it gives another image, and the image given stays as it is.
func TestDenoisingSettingsMatter(t *testing.T) {
	m := train(t, tiny(group.C4, WT))
	x := pictures(1, 8, 8)
	was := bits(x.Clone().Data())
	results := map[string]string{}
	for name, d := range map[string]Denoising{
		"zero": {}, "start": {Start: 0.3}, "steps": {Reversal: Reversal{Steps: 5}}, "seed": {Reversal: Reversal{Seed: 1}}, "first": {Reversal: Reversal{First: 2}}, "method": {Reversal: Reversal{Solver: sde.DDIM{}}},
		"classes": {Reversal: Reversal{Classes: []int{0}}},
	} {
		key := fmt.Sprint(bits(denoise(t, m, x, d).Data()))
		if other, ok := results[key]; ok {
			t.Errorf("%s and %s give the same image", name, other)
		}
		results[key] = name
	}
	if !slices.Equal(bits(x.Data()), was) {
		t.Error("the image given has changed")
	}
}

// The less noise is added the nearer the result is to the image.
func TestDenoiseKeepsTheImage(t *testing.T) {
	c := tiny(group.C4, WT)
	c.Steps, c.Batch, c.Rate.Rate, c.Network.Dropout = 150, 16, 4e-3, 0
	m, err := Train(context.Background(), c, blobs{64, 8}, nil)
	if err != nil {
		t.Fatal(err)
	}
	x := tensor.New(1, 8, 8, 1)
	if _, err := (blobs{64, 8}).Image(x.Data(), 3); err != nil {
		t.Fatal(err)
	}
	distance := func(start float64) (sum float64) {
		for i, v := range denoise(t, m, x, Denoising{Start: start, Reversal: Reversal{Steps: 20}}).Data() {
			d := float64(v - x.Data()[i])
			sum += d * d / 64
		}
		return sum
	}
	near, far := distance(0.05), distance(0.9)
	t.Logf("mean squared distance from the image: %.4f from 0.05, %.4f from 0.9", near, far)
	if near > 0.05 || far < 2*near {
		t.Errorf("mean squared distance from the image: %v from 0.05, %v from 0.9", near, far)
	}
}

// Images with a symmetry are reported by their numbers, and denoised.
func TestDenoiseReportsTies(t *testing.T) {
	m := train(t, tiny(group.C4, WT))
	x := pictures(3, 8, 8)
	clear(x.At(1).Data())
	z, ties, err := m.Denoise(context.Background(), x, Denoising{Reversal: Reversal{Steps: 2, First: 5, Classes: []int{0}}})
	if err != nil || z == nil || !slices.Equal(ties, []sde.Tie{{Image: 6, Elements: 4}}) {
		t.Errorf("ties %v, error %v", ties, err)
	}
}

// Same bits on every instruction set, with any number of workers.
func TestDenoiseHasTheSameBitsEverywhere(t *testing.T) {
	trained := train(t, tiny(group.C4, WT))
	var first []uint32
	withEach(t, func() {
		m := newModel(trained.config, trained.network) // without programs, which are of an instruction set
		z := bits(denoise(t, m, pictures(1, 13, 13), Denoising{}).Data())
		if first == nil {
			first = z
		}
		if !slices.Equal(z, first) {
			t.Error("other bits")
		}
	})
}

// The times begin at the start and take as many evaluations as other solutions do; without a start, where σ = α.
func TestDenoisingTimes(t *testing.T) {
	for _, p := range []sde.Process{sde.PaperCosine, sde.SongLinear, sde.EDM{}} {
		d := Denoising{Start: sde.TimeOf(p, 1), Reversal: Reversal{Steps: 20, Solver: sde.DDIM{}}}
		if alpha, sigma := p.Marginal(d.Start); math.Abs(sigma/alpha-1) > 1e-9 {
			t.Errorf("%T: at %v α is %v and σ %v", p, d.Start, alpha, sigma)
		}
		_, last, _ := sde.Span(p)
		if times, err := d.times(p, d.Start); err != nil || len(times) != 21 || times[0] != d.Start || times[20] != last || sde.CheckTimes(p, times) != nil {
			t.Errorf("%T: times %v", p, times)
		}
		d.Solver = sde.Heun{}
		if times, err := d.times(p, d.Start); err != nil || len(times) != len(sde.Grid(p, d.Solver, 20)) {
			t.Errorf("%T: %d times for Heun's 20 evaluations", p, len(times))
		}
	}
}

// And on every machine: a hash that was found on amd64, see TestBitsOfEveryMachine.
func TestDenoiseBitsOfEveryMachine(t *testing.T) {
	m := train(t, tiny(group.C4, WT))
	if got := hash(bits(denoise(t, m, pictures(2, 11, 11), Denoising{}).Data())); got != 0x87033d7263b49eb7 {
		t.Errorf("the hash of the images is %#x", got)
	}
}

// spoilt returns two images with a number in row 2, column 3 of the second.
func spoilt(v float64) *tensor.Tensor {
	x := pictures(2, 9, 8)
	x.At(1).Data()[2*8+3] = float32(v)
	return x
}

func TestDenoiseErrors(t *testing.T) {
	m := train(t, tiny(group.C4, WT))
	for _, c := range []struct {
		img  *tensor.Tensor
		d    Denoising
		want string
	}{
		{tensor.New(1, 7, 8, 1), Denoising{}, "smaller"},
		{tensor.New(1, 8, 8, 3), Denoising{}, "3 channels"},
		{tensor.New(8, 8), Denoising{}, "(N, H, W, C)"},
		{tensor.New(0, 8, 8, 1), Denoising{}, "(N, H, W, C)"},
		{spoilt(math.NaN()), Denoising{Reversal: Reversal{First: 4}}, "image 5 is NaN in row 2, column 3, channel 0"},
		{spoilt(math.Inf(-1)), Denoising{}, "image 1 is -Inf in row 2, column 3, channel 0"},
	} {
		_, _, err := m.Denoise(context.Background(), c.img, c.d)
		var image *ImageError
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("images of %v, %+v: %v; want an error with %q", c.img.Shape(), c.d, err, c.want)
		} else if !errors.As(err, &image) {
			t.Errorf("%v is no *ImageError", err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	steps := 0
	d := Denoising{Reversal: Reversal{Classes: []int{0}, Trace: func([]int, sde.Snapshot) { steps++; cancel() }}}
	if _, _, err := m.Denoise(ctx, tensor.New(2, 8, 8, 1), d); !errors.Is(err, context.Canceled) || steps != 1 {
		t.Errorf("cancelled after %d steps: %v", steps, err)
	}
}

// allocated returns how many bytes f allocates, the least of three times: a collection may take what is kept for the next call.
func allocated(f func()) float64 {
	least := math.Inf(1)
	for range 3 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		f()
		runtime.ReadMemStats(&after)
		least = min(least, float64(after.TotalAlloc-before.TotalAlloc))
	}
	return least
}

// The memory that is asked for before an image is denoised is what it takes beside the network, and hardly more. Where it is not there, that
// is an error, and none is taken.
func TestDenoiseAsksForItsMemory(t *testing.T) {
	m, x := shaken(t, tiny(group.D4, WT)), pictures(1, 128, 128)
	d := Denoising{Reversal: Reversal{Steps: 1, Batch: 1}}
	e, err := m.newEdit(context.Background(), x, d)
	if err != nil {
		t.Fatal(err)
	}
	need := 4 * e.need()
	run := func() { _, _, err = m.Denoise(context.Background(), x, d) }
	run() // makes the memory of the network
	if taken := allocated(run); err != nil || taken < 0.8*need || taken > 1.4*need {
		t.Errorf("%.2f MB are taken and %.2f were asked for; %v", taken/1e6, need/1e6, err)
	}
	defer func(is func() float64) { memory = is }(memory)
	memory = func() float64 { return need }
	if run(); err != nil {
		t.Errorf("there is enough: %v", err)
	}
	memory = func() float64 { return need - 1 }
	var lack *MemoryError
	if taken := allocated(run); !errors.As(err, &lack) || taken > need/4 {
		t.Errorf("there is too little: %v, and %.2f MB are taken", err, taken/1e6)
	}
}

// An image of more numbers than 31 bits count is no image for a network, before anything is made of it.
func TestImagesThatCannotBeNumbered(t *testing.T) {
	m := nothing(t, tiny(group.C4, WT))
	for rows, want := range map[int]bool{1<<16 - 1: false, 1 << 16: true} {
		if got := m.misfit(tensor.Shape{1, rows, 1 << 15, 1}); strings.Contains(got, "2³¹−1 numbers") != want {
			t.Errorf("%d×%d pixels: %q", rows, 1<<15, got)
		}
	}
}
