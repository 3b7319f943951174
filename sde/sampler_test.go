package sde

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"spdiff/group"
)

func solve(t testing.TB, s Sampler, d Denoiser, x []float32) {
	t.Helper()
	if err := s.Solve(context.Background(), d, x, []int{0}); err != nil {
		t.Fatal(err)
	}
}

func equalBits(x, y []float32) bool {
	return slices.EqualFunc(x, y, func(a, b float32) bool { return math.Float32bits(a) == math.Float32bits(b) })
}

// solvers are all, with noise wherever it can have some.
var solvers = []Solver{EulerMaruyama{}, EulerMaruyama{1}, DDIM{}, DDIM{Eta: 1}, DDIM{Eta: 0.5, Ahead: 0.05}, DDPM{}, DDPM{Large: true},
	Heun{}, Heun{Churn: 4, Noise: 1.01}, DPMSolver{}, DPMSolver{Eta: 1}, SRA1{}, SRA1{1}, DormandPrince{},
	PredictorCorrector{}, PredictorCorrector{Predictor: Heun{}, Corrections: 2}}

// deterministic are those that draw nothing.
var deterministic = []Solver{EulerMaruyama{}, DDIM{}, Heun{}, DPMSolver{}, SRA1{}, DormandPrince{}}

// bent is a denoiser that is no affine function, so that nothing is equal by luck.
func bent(z, x []float32, t float64) error {
	for i, v := range x {
		z[i] = float32(math.Tanh(float64(v)*(2-t)) * math.Cos(float64(v)))
	}
	return nil
}

// Image k of a seed is the same image alone, in any batch and at any place in it, to the last bit.
func TestBatchesDoNotMatter(t *testing.T) {
	const size = 33
	for _, m := range solvers {
		s := Sampler{Process: PaperCosine, Solver: m, Times: Uniform(1, 0, 20)[1:], Noise: Seeded(3)}
		draw := func(images ...int) []float32 {
			x := make([]float32, size*len(images))
			if err := s.Generate(context.Background(), bent, x, images); err != nil {
				t.Fatal(err)
			}
			return x
		}
		whole := draw(0, 1, 2, 3, 4, 5, 6)
		image := func(k int) []float32 { return whole[k*size : (k+1)*size] }
		for k := range 7 {
			if !equalBits(draw(k), image(k)) {
				t.Errorf("%#v: image %d alone is another one", m, k)
			}
		}
		if split := append(draw(0, 1, 2), draw(3, 4, 5, 6)...); !equalBits(split, whole) {
			t.Errorf("%#v: two batches differ from one", m)
		}
		if mixed := draw(5, 2); !equalBits(mixed[:size], image(5)) || !equalBits(mixed[size:], image(2)) {
			t.Errorf("%#v: the place in the batch matters", m)
		}
		if equalBits(image(0), image(1)) {
			t.Errorf("%#v: images 0 and 1 are one", m)
		}
	}
}

// Different draws, images and seeds have different noise; the same ones the same.
func TestSeeded(t *testing.T) {
	seen := map[float32][3]int{}
	z := make([]float32, 4)
	for seed := range 3 {
		for image := range 3 {
			for draw := Start; draw < 5; draw++ {
				Seeded(uint64(seed))(z, image, draw)
				for _, v := range z {
					if other, ok := seen[v]; ok {
						t.Errorf("%v is in seed, image, draw %v and %v", v, other, [3]int{seed, image, draw})
					}
					seen[v] = [3]int{seed, image, draw}
				}
				again := make([]float32, 4)
				Seeded(uint64(seed))(again, image, draw)
				if !equalBits(z, again) {
					t.Errorf("seed %d, image %d, draw %d changes", seed, image, draw)
				}
			}
		}
	}
}

// A trajectory commutes to the last bit with a permutation of pixels if the denoiser does and the noise is permuted too;
// with fixed noise it does not where there is some.
func TestTrajectoryIsEquivariant(t *testing.T) {
	const h, w, c = 6, 6, 2
	shape := group.Images{N: 1, H: h, W: w, C: c}
	x := make([]float32, shape.Len())
	Seeded(11)(x, 0, Start)
	for _, m := range solvers {
		for _, g := range group.All() {
			s := Sampler{Process: PaperCosine, Solver: m, Times: Uniform(1, 0, 15)[1:]}
			// Check goes through the elements in order, after a first call for f(x).
			call := 0
			turned := func(z, x []float32) {
				a := max(call-1, 0)
				call++
				s.Noise = func(z []float32, image, draw int) {
					eps := make([]float32, len(z))
					Seeded(5)(eps, image, draw)
					g.Act(z, eps, a, 1, h, w, c)
				}
				copy(z, x)
				solve(t, s, bent, z)
			}
			if d := group.Check(g, turned, x, shape, shape); !d.Exact {
				t.Errorf("%#v, %v: %v", m, g, d)
			}
			fixed := func(z, x []float32) {
				s.Noise = Seeded(5)
				copy(z, x)
				solve(t, s, bent, z)
			}
			random := !slices.Contains(deterministic, m)
			if d := group.Check(g, fixed, x, shape, shape); d.Exact == (random && g != group.C1) {
				t.Errorf("%#v, %v, with fixed noise: %v", m, g, d)
			}
		}
	}
}

// Generate is σ(t₀) times the first draw, then Solve.
func TestGenerateStartsFromNoise(t *testing.T) {
	s := Sampler{Process: SongLinear, Solver: DDIM{}, Times: Uniform(0.5, 0, 4), Noise: Seeded(1)}
	x, want, eps := make([]float32, 10), make([]float32, 10), make([]float32, 10)
	x[0] = 99 // what was there does not matter
	_, sigma := SongLinear.Marginal(0.5)
	Seeded(1)(eps, 8, Start)
	for i := range want {
		want[i] = float32(sigma) * eps[i]
	}
	solve(t, s, bent, want)
	if err := s.Generate(context.Background(), bent, x, []int{8}); err != nil || !equalBits(x, want) {
		t.Errorf("%v\n%s", err, cmp.Diff(want, x))
	}
}

// Trace sees every step: its number, the time reached, the state, and D of the state before.
func TestTrace(t *testing.T) {
	x := []float32{0.4, -0.2}
	before := slices.Clone(x)
	var steps []Snapshot
	s := Sampler{Process: PaperCosine, Solver: DDIM{}, Times: []float64{0.9, 0.5, 0.2}}
	s.Trace = func(step Snapshot) {
		want := make([]float32, 2)
		if err := bent(want, before, s.Times[step.Done-1]); err != nil || !equalBits(step.Denoised, want) {
			t.Errorf("step %d: D is another one\n%s", step.Done, cmp.Diff(want, step.Denoised))
		}
		before = slices.Clone(step.X)
		steps = append(steps, step)
	}
	solve(t, s, bent, x)
	if len(steps) != 2 || steps[0].Done != 1 || steps[1].Done != 2 || steps[0].Of != 2 ||
		steps[0].Time != 0.5 || steps[1].Time != 0.2 || !equalBits(before, x) {
		t.Errorf("steps %+v, end %v", steps, x)
	}
}

// Where σ is 0 at the end, the solvers that Solve names end in the last D: within the range of a clamped one, though they come from beyond.
// EulerMaruyama ends beyond.
func TestWhatEndsWithinTheRange(t *testing.T) {
	clamped := Denoiser(func(z, x []float32, _ float64) error {
		for i, v := range x {
			z[i] = 5 * v
		}
		return nil
	}).Clamp(-1, 1)
	largest := func(m Solver) (of []float32) { // after each step
		s := Sampler{Process: SongLinear, Solver: m, Times: Uniform(1, 0, 10), Noise: Seeded(1)}
		s.Trace = func(step Snapshot) {
			most := float32(0)
			for _, v := range step.X {
				most = max(most, v, -v)
			}
			of = append(of, most)
		}
		if err := s.Generate(context.Background(), clamped, make([]float32, 64), []int{0}); err != nil {
			t.Fatalf("%#v: %v", m, err)
		}
		return of
	}
	for _, m := range []Solver{DDIM{}, DDIM{Eta: 1}, DDIM{Ahead: 0.05}, DDPM{}, DDPM{Large: true}, DPMSolver{}, DPMSolver{Eta: 1},
		Heun{}, Heun{Churn: 4}, DormandPrince{}, PredictorCorrector{Predictor: DDIM{}}} {
		if of := largest(m); of[8] <= 1 || of[9] > 1 {
			t.Errorf("%#v: the largest number is %v before the last step and %v after it", m, of[8], of[9])
		}
	}
	if of := largest(EulerMaruyama{1}); of[9] <= 1 {
		t.Errorf("EulerMaruyama ends with %v at most: nothing is shown", of[9])
	}
}

func TestCancel(t *testing.T) {
	reason := errors.New("the reader has left")
	for _, after := range []int{0, 3} {
		ctx, cancel := context.WithCancelCause(context.Background())
		calls := 0
		s := Sampler{Process: PaperCosine, Solver: DDIM{}, Times: Uniform(1, 0, 10)}
		s.Trace = func(step Snapshot) {
			if calls++; step.Done == after {
				cancel(reason)
			}
		}
		if after == 0 {
			cancel(reason)
		}
		err := s.Solve(ctx, bent, []float32{1}, []int{0})
		if !errors.Is(err, reason) || calls != after || !strings.Contains(err.Error(), "of 10") {
			t.Errorf("%d steps were made before the end, want %d: %v", calls, after, err)
		}
		cancel(nil)
	}
}

// A NaN or an infinity of the denoiser stops the solution and says where it was, a clamp or not.
func TestNotFinite(t *testing.T) {
	const size = 5
	for _, bad := range []float32{float32(math.NaN()), float32(math.Inf(-1))} {
		for _, clamp := range []bool{false, true} {
			calls := 0
			d := Denoiser(func(z, x []float32, t float64) error {
				if calls++; calls == 4 {
					z[1*size+2] = bad
					return nil
				}
				return bent(z, x, t)
			})
			if clamp {
				d = d.Clamp(-1, 1)
			}
			s := Sampler{Process: SongLinear, Solver: DDIM{}, Times: Uniform(1, 0, 8), Noise: Seeded(1)}
			var e *NotFiniteError
			err := s.Generate(context.Background(), d, make([]float32, 3*size), []int{10, 20, 30})
			if !errors.As(err, &e) || e.Image != 20 || e.Index != 2 || e.Step != 3 || e.Time != s.Times[3] || calls != 4 {
				t.Errorf("%v, clamp %v: %v after %d calls", bad, clamp, err, calls)
			}
		}
	}
}

// A step that is far too long overflows the state: that is an error as well, and its hint another one.
func TestOverflow(t *testing.T) {
	s := Sampler{Process: Cosine{}, Solver: EulerMaruyama{Lambda: 1e12}, Times: Uniform(1, 0, 50), Noise: Seeded(1)}
	var e *NotFiniteError
	err := s.Generate(context.Background(), bent, make([]float32, 4), []int{0})
	if !errors.As(err, &e) || e.What != "the state" || !strings.Contains(err.Error(), "more steps") {
		t.Errorf("%v", err)
	}
}

func TestDenoiserErrorStops(t *testing.T) {
	broken := errors.New("no network")
	s := Sampler{Process: PaperCosine, Solver: DDIM{}, Times: Uniform(1, 0, 3)}
	err := s.Solve(context.Background(), func(z, x []float32, t float64) error { return broken }, []float32{1}, []int{0})
	if !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
}

func TestArguments(t *testing.T) {
	good := Sampler{Process: PaperCosine, Solver: DDIM{}, Times: Uniform(1, 0, 3), Noise: Seeded(1)}
	for name, change := range map[string]func(s *Sampler, x *[]float32, images *[]int){
		"no process": func(s *Sampler, _ *[]float32, _ *[]int) { s.Process = nil },
		"no solver":  func(s *Sampler, _ *[]float32, _ *[]int) { s.Solver = nil },
		"no noise":   func(s *Sampler, _ *[]float32, _ *[]int) { s.Noise = nil },
		"no images":  func(_ *Sampler, _ *[]float32, i *[]int) { *i = nil },
		"odd length": func(_ *Sampler, x *[]float32, _ *[]int) { *x = (*x)[:3] },
		"empty":      func(_ *Sampler, x *[]float32, _ *[]int) { *x = nil },
		"no terms":   func(s *Sampler, _ *[]float32, _ *[]int) { s.Solver = sums(0) },
		"nine terms": func(s *Sampler, _ *[]float32, _ *[]int) { s.Solver = sums(9) },
	} {
		func() {
			defer func() {
				if e, ok := recover().(*ArgumentError); !ok || e.Error() == "" {
					t.Errorf("%s: %v", name, e)
				}
			}()
			s, x, images := good, make([]float32, 4), []int{0, 1}
			change(&s, &x, &images)
			t.Errorf("%s: no panic, %v", name, s.Generate(context.Background(), bent, x, images))
		}()
	}
}

// sums is a solver that adds that number of terms.
type sums int

func (sums) Validate() error { return nil }
func (sums) Traits() Traits  { return Traits{} }

func (m sums) Begin(r *Run) func(i int) error {
	return func(i int) error {
		r.Sum(r.X, make([]Term, m)...)
		return nil
	}
}

// However many steps, a solution allocates its buffers only.
func TestStepsAllocateNothing(t *testing.T) {
	x, images := make([]float32, 64), []int{0, 1}
	nothing := func(z, x []float32, t float64) error { return nil }
	for _, m := range solvers {
		allocations := func(n int) float64 {
			s := Sampler{Process: PaperCosine, Solver: m, Times: Uniform(1, 0, n)[1:], Noise: Seeded(1)}
			return testing.AllocsPerRun(5, func() {
				if err := s.Generate(context.Background(), nothing, x, images); err != nil {
					t.Fatal(err)
				}
			})
		}
		if a, b := allocations(5), allocations(50); a != b {
			t.Errorf("%#v: %v allocations in 5 steps, %v in 50", m, a, b)
		}
	}
}

// Between the evaluations of one step too a context stops a solution, and a NaN is found with its place.
func TestStopsWithinAStep(t *testing.T) {
	reason := errors.New("enough")
	for _, m := range []Solver{Heun{}, SRA1{1}, DormandPrince{}, PredictorCorrector{Corrections: 2}} {
		s := Sampler{Process: PaperCosine, Solver: m, Times: Uniform(0.9, 0.1, 3), Noise: Seeded(1)}
		ctx, cancel := context.WithCancelCause(context.Background())
		calls := 0
		err := s.Generate(ctx, func(z, x []float32, t float64) error {
			if calls++; calls == 2 {
				cancel(reason)
			}
			return bent(z, x, t)
		}, make([]float32, 6), []int{0, 1})
		if !errors.Is(err, reason) || calls != 2 {
			t.Errorf("%#v: %v after %d calls", m, err, calls)
		}
		calls = 0
		var e *NotFiniteError
		err = s.Generate(context.Background(), func(z, x []float32, t float64) error {
			bent(z, x, t)
			if calls++; calls == 2 {
				z[4] = float32(math.Inf(1))
			}
			return nil
		}, make([]float32, 6), []int{10, 20})
		if !errors.As(err, &e) || e.Image != 20 || e.Index != 1 || e.Step != 0 || calls != 2 {
			t.Errorf("%#v: %v after %d calls", m, err, calls)
		}
	}
}

func TestUniform(t *testing.T) {
	if got := Uniform(1, 0, 4); !slices.Equal(got, []float64{1, 0.75, 0.5, 0.25, 0}) {
		t.Errorf("%v", got)
	}
	for n := 1; n < 200; n++ {
		if got := Uniform(0.9, 0.1, n); len(got) != n+1 || got[0] != 0.9 || got[n] != 0.1 {
			t.Errorf("%d steps: %v", n, got)
		}
	}
	defer func() {
		if _, ok := recover().(*ArgumentError); !ok {
			t.Error("0 steps were taken for a grid")
		}
	}()
	Uniform(1, 0, 0)
}
