package spdiff

import (
	"context"
	"flag"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"spdiff/group"
	"spdiff/nn"
	"spdiff/sde"
	"spdiff/tensor"
)

var (
	sweep     = flag.Duration("sweep", 0, "how long TestSweep goes on; 0: 12 cases")
	sweepFrom = flag.Uint64("sweepfrom", 0, "the first case of TestSweep, such as one that failed")
)

// blobsOf are noisy images of any shape.
type blobsOf struct{ h, w, c int }

func (b blobsOf) Len() int             { return 6 }
func (b blobsOf) Shape() (h, w, c int) { return b.h, b.w, b.c }
func (b blobsOf) Image(dst []float32, i int) (int, error) {
	tensor.NewStream(8, uint64(i)).Uniform(dst, 0)
	return i % 2, nil
}

// A sweepCase is one configuration, and one denoising with its model.
type sweepCase struct {
	config    Config
	h, w      int // of the image
	denoising Denoising
}

// newSweepCase draws case k: method, group, precisions, sizes of network and image (even, odd, oblong), kernels and their taps, levels,
// attention, classes, channels, prediction, schedule, training, solver and seeds.
func newSweepCase(k uint64) sweepCase {
	rng := rand.New(rand.NewPCG(k, 1))
	pick := func(n ...int) int { return n[rng.IntN(len(n))] }
	c := sweepCase{config: tiny(group.All()[rng.IntN(7)], Method(rng.IntN(len(methods))))}
	net := &c.config.Network
	net.Mult = [][]int{{1}, {1, 2}, {1, 1, 2}}[rng.IntN(3)]
	side := 1 << (len(net.Mult) - 1)
	net.ImageHeight = side * pick(2, 3, 4, 5)
	net.ImageWidth = net.ImageHeight
	c.h = net.ImageHeight + pick(0, 0, 1, 5, 9)
	c.w = c.h
	if c.config.Group.Acts(1, 2) == nil && rng.IntN(2) == 0 {
		net.ImageWidth = side * pick(2, 3, 4, 5)
		c.w = net.ImageWidth + pick(0, 1, 6)
	}
	net.Out = 1
	if rng.IntN(3) == 0 {
		net.Out = 3
	}
	net.Kernel, net.Classes = pick(3, 3, 5, 7), pick(0, 2)
	net.Attention = nil
	if rng.IntN(2) == 0 {
		net.Attention = []int{side}
	}
	c.config.Predict, c.config.Schedule = Prediction(rng.IntN(len(predictions))), Schedule(rng.IntN(len(schedules)))
	c.config.Batch, c.config.Steps, c.config.Seed = pick(1, 2, 3), pick(0, 1, 2, 4), rng.Uint64()
	c.config.Rate.Rate, c.config.Condition = 1e-2, rng.IntN(3) == 0
	solvers := []sde.Solver{sde.DDIM{}, sde.DDIM{Eta: 1}, sde.DDIM{Eta: 0.3, Ahead: 0.02}, sde.DDPM{Large: true}, sde.DPMSolver{Eta: 1},
		sde.EulerMaruyama{Lambda: 1}, sde.SRA1{Lambda: 0.5}, sde.PredictorCorrector{}, sde.DormandPrince{Tol: 0.1}, sde.Heun{Churn: 3}}
	start := sde.TimeOf(c.config.Process(), 0.05+1.5*rng.Float64())
	c.denoising = Denoising{Start: start, Reversal: Reversal{Steps: pick(2, 3, 5), Seed: rng.Uint64(), First: rng.IntN(9), Solver: solvers[rng.IntN(len(solvers))], Batch: pick(1, 2, 5)}}
	if c.config.checkSolver(c.denoising.Solver) != nil {
		c.denoising.Solver = sde.DDIM{}
	}
	if net.Classes > 0 {
		c.denoising.Classes = []int{rng.IntN(2)}
	}
	if rng.IntN(2) == 0 {
		c.config.Precision = BF16
	}
	if rng.IntN(3) == 0 {
		c.denoising.Precision = Precisions()[rng.IntN(2)]
	}
	c.vary(rng)
	return c
}

// vary gives a case pinwheels where they fit, classes that are withheld, with guidance, and images that are moved.
func (c *sweepCase) vary(rng *rand.Rand) {
	wheel := c.config.Clone()
	wheel.Network.Kernel, wheel.Network.Taps = 5, nn.Pinwheel
	if rng.IntN(2) == 0 && wheel.Validate() == nil {
		c.config = wheel
	}
	if rng.IntN(2) == 0 && c.config.Network.Classes > 0 {
		c.config.DropClass, c.denoising.Guidance = 0.3, []float64{1.5, -1, 0}[rng.IntN(3)]
	}
	if rng.IntN(2) == 0 {
		c.config.Augmentation = 0.3
	}
}

// check trains, denoises, and compares over the group that acts on the image. It reports whether it was in bf16, too.
func (c sweepCase) check() (d group.Difference, rounded bool, err error) {
	net := c.config.Network
	if err := c.config.Validate(); err != nil {
		return d, false, err
	}
	m, err := Train(context.Background(), c.config, blobsOf{net.ImageHeight, net.ImageWidth, net.Out}, nil)
	if err != nil {
		return d, false, err
	}
	x := make([]float32, c.h*c.w*net.Out)
	tensor.NewStream(c.denoising.Seed, 3).Normal(x, 0)
	shape := group.Images{N: 1, H: c.h, W: c.w, C: net.Out}
	denoised := func(x []float32, by Denoising) []float32 {
		y, _, e := m.Denoise(context.Background(), tensor.From(x, c.h, c.w, net.Out), by)
		if e != nil {
			err = e
			return make([]float32, len(x))
		}
		return y.Data()
	}
	d = group.Check(m.Symmetry(c.h, c.w), func(z, x []float32) { copy(z, denoised(x, c.denoising)) }, x, shape, shape)
	if c.denoising.Precision.Or(c.config.Precision) == BF16 {
		full := c.denoising
		full.Precision = Float32
		rounded = !slices.Equal(bits(denoised(x, c.denoising)), bits(denoised(x, full)))
	}
	return d, rounded, err
}

// The guarantee, over a wide random sweep: whatever the method that gives it, group, network, size of image, training and
// solver, the image turned and denoised is the image denoised and turned, to the last bit. To let it run for hours:
//
//	go test . -run Sweep -sweep 8h -timeout 0 -sweepfrom 1000
func TestSweep(t *testing.T) {
	if testing.Short() {
		t.Skip("minutes without assembly")
	}
	begin, seen, inBF16 := time.Now(), 0, 0
	for k := *sweepFrom; k < *sweepFrom+12 || time.Since(begin) < *sweep; k++ {
		c := newSweepCase(k)
		d, rounded, err := c.check()
		if err != nil {
			t.Errorf("case %d, %#v: %v\n%s", k, c.denoising, err, c.config.JSON())
		} else if c.config.Method.Exact() && !d.Exact {
			t.Errorf("case %d, %#v on %d×%d: %v\n%s", k, c.denoising, c.h, c.w, d, c.config.JSON())
		} else if !d.Exact {
			seen++
		} else if rounded && c.config.Method.Exact() && c.config.Group != group.C1 {
			inBF16++
		}
	}
	t.Logf("%d cases of methods that are not exact were seen to differ; %d exact ones were in bf16", seen, inBF16)
	if seen == 0 {
		t.Error("no difference was seen, not even of methods that are not exact")
	}
	if inBF16 == 0 {
		t.Error("no case was exact in bf16, with other bits than in float32")
	}
}
