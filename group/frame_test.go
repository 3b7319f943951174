package group

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// eachFrame calls do for every group, grid it acts on, and one to three channels.
func eachFrame(t *testing.T, do func(f *Frame)) {
	eachAction(func(g Group, h, w int) {
		for c := range 3 {
			f, err := NewFrame(g, h, w, c+1)
			if err != nil {
				t.Fatal(err)
			}
			do(f)
		}
	})
}

// moved returns a·x.
func (f *Frame) moved(x []float32, a int) []float32 {
	z := make([]float32, len(x))
	f.Act(z, x, a)
	return z
}

// follows reports whether κ*(h·x) = h·κ*(x) for every h, and as many ties.
func (f *Frame) follows(x []float32) bool {
	kappa, ties := f.Of(x)
	for h := range f.group.Order() {
		if k, n := f.Of(f.moved(x, h)); n != ties || k != f.group.Mul(h, kappa) {
			return false
		}
	}
	return true
}

// The law: κ*(h·x) = h·κ*(x), of numbers of all sizes, so that a rounding could show.
func TestFrameMovesWithTheImage(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 1))
	eachFrame(t, func(f *Frame) {
		x := make([]float32, f.h*f.w*f.c)
		for range 20 {
			draw(rng, x)
			if _, ties := f.Of(x); ties == 1 && !f.follows(x) {
				t.Fatalf("%v on %d×%d×%d: κ* does not follow", f.group, f.h, f.w, f.c)
			} else if ties != 1 && f.h*f.w > 8 {
				t.Fatalf("%v on %d×%d×%d: %d ties of noise", f.group, f.h, f.w, f.c, ties)
			}
		}
	})
}

// The scores behind it: that of κ for h·x has the bits of that of h⁻¹κ for x. A twin that sums over the pixels of the image,
// ⟨κw, x⟩ in the order of x, has not; with it an image near a tie would have the wrong frame.
func TestScoresKeepTheirBits(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 2))
	f, _ := NewFrame(D4, 7, 7, 2)
	raster := func(score []float64, x []float32) {
		for q := range f.h * f.w {
			for a := range score {
				score[a] += float64(f.template[f.places[q*8+D4.Inverse(a)]] * f.weigh(x[q*f.c:]))
			}
		}
	}
	changes := func(scores func([]float64, []float32)) (n int) {
		x := make([]float32, f.h*f.w*f.c)
		for range 50 {
			draw(rng, x)
			want := make([]float64, 8)
			scores(want, x)
			for h := range 8 {
				got := make([]float64, 8)
				scores(got, f.moved(x, h))
				for a := range got {
					if want := want[D4.Mul(D4.Inverse(h), a)]; got[a] != want {
						n++
						if math.Abs(got[a]-want) > 1e-12*(1+math.Abs(want)) {
							t.Fatalf("score %v, of the image before %v", got[a], want)
						}
					}
				}
			}
		}
		return n
	}
	if n := changes(f.scores); n > 0 {
		t.Errorf("%d scores change their bits", n)
	}
	if n := changes(raster); n == 0 {
		t.Error("scores summed in the order of the image keep their bits: the test sees nothing")
	}
}

// The scores have these bits on every machine.
func TestScoresOfEveryMachine(t *testing.T) {
	f, _ := NewFrame(C4, 3, 3, 2)
	x, score := make([]float32, 18), make([]float64, 4)
	for i := range x {
		x[i] = 1 / float32(i+3)
	}
	f.scores(score, x)
	want := []float64{0x1.1a5b6f71a06c7p-03, 0x1.1b82b8dd1200cp-02, 0x1.2c36d2aa60f6dp-03, 0x1.7c890ef928debp-04}
	if !slices.Equal(score, want) {
		t.Errorf("%x, want %x", score, want)
	}
}

// An image with a symmetry of its own ties in as many elements as keep it, whatever its numbers; κ* is one of the best.
func TestSymmetricImagesTie(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 3))
	for _, g := range All() {
		f, _ := NewFrame(g, 6, 6, 2)
		for s := range g.Order() {
			x, sum := make([]float32, 72), make([]float32, 72)
			for i := range x {
				x[i] = float32(rng.IntN(1000)) // sums are exact
			}
			order := 0
			for a := 0; a != 0 || order == 0; a = g.Mul(s, a) { // over the powers of s
				for i, v := range f.moved(x, a) {
					sum[i] += v
				}
				order++
			}
			kappa, ties := f.Of(sum)
			if ties != order {
				t.Errorf("%v: an image that %s keeps has %d ties, want %d", g, g.ElementName(s), ties, order)
			}
			score := make([]float64, g.Order())
			f.scores(score, sum)
			if score[kappa] != slices.Max(score) {
				t.Errorf("%v: κ* is not a best element", g)
			}
		}
	}
}

// The twin: a template with a symmetry ties for every image, so no image has a frame. Ties must be what is seen of it.
func TestSymmetricTemplateTies(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 4))
	for _, c := range []struct {
		g    Group
		ties int
	}{{H, 2}, {C4, 4}, {D4, 8}} {
		f, _ := NewFrame(c.g, 7, 7, 1)
		for _, orbit := range c.g.Pixels(7, 7) {
			for _, p := range orbit {
				f.template[p] = float64(orbit[0] % 4) // small integers, so that sums of integers are exact
			}
		}
		x := make([]float32, 49)
		for i := range x {
			x[i] = float32(rng.IntN(1000))
		}
		if _, ties := f.Of(x); ties != c.ties {
			t.Errorf("%v: %d ties, want %d", c.g, ties, c.ties)
		}
		if f.follows(x) {
			t.Errorf("%v: a frame by a symmetric template passes the law", c.g)
		}
	}
}

// The template has no symmetry where the grid has room, and its images under a group are far from each other.
func TestTemplateIsAsymmetric(t *testing.T) {
	eachFrame(t, func(f *Frame) {
		if f.h < 3 || f.w < 3 {
			return
		}
		norm := 0.0
		for _, w := range f.template {
			norm += w * w
		}
		for a := 1; a < f.group.Order(); a++ {
			d := 0.0
			for p, q := range f.group.Permutation(a, f.h, f.w) {
				e := f.template[p] - f.template[q]
				d += e * e
			}
			if d < norm/50 {
				t.Errorf("%v on %d×%d: %s moves the template by %.3g of its square", f.group, f.h, f.w, f.group.ElementName(a), d/norm)
			}
		}
	})
}

// Every element is the frame of some image, about as often as others for noise: the frame is not degenerate.
func TestFramesOfNoiseAreEvenlySpread(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 5))
	for _, g := range All() {
		f, _ := NewFrame(g, 8, 8, 1)
		const n = 4000
		count := make([]int, g.Order())
		for range n {
			kappa, _ := f.Of(randomImages(rng, Images{1, 8, 8, 1}))
			count[kappa]++
		}
		for a, k := range count {
			if want := float64(n) / float64(g.Order()); math.Abs(float64(k)-want) > 6*math.Sqrt(want) {
				t.Errorf("%v: %s is the frame of %d of %d images", g, g.ElementName(a), k, n)
			}
		}
	}
}

// A symmetric image changes its frame under little noise, an asymmetric one does not.
func TestFrameIsStable(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 6))
	f, _ := NewFrame(D4, 16, 16, 1)
	spotted, flat := make([]float32, 256), make([]float32, 256)
	for y := 2; y < 8; y++ {
		for x := 8; x < 14; x++ {
			spotted[y*16+x+y%2] = 1
		}
	}
	changed := func(x []float32) (n int) {
		was, _ := f.Of(x)
		for range 100 {
			y := randomImages(rng, Images{1, 16, 16, 1})
			for i := range y {
				y[i] = x[i] + 0.05*y[i]
			}
			if is, _ := f.Of(y); is != was {
				n++
			}
		}
		return n
	}
	if n := changed(spotted); n > 10 {
		t.Errorf("little noise changes the frame of a spot %d times in 100", n)
	}
	if n := changed(flat); n < 50 {
		t.Errorf("noise changes the frame of nothing %d times in 100", n)
	}
}

// What is not finite has no frame, which is no tie; the largest finite numbers tie where they are all one.
func TestFrameOfNaN(t *testing.T) {
	f, _ := NewFrame(C4, 4, 4, 1)
	x := make([]float32, 16)
	for _, v := range []float64{math.NaN(), math.Inf(1)} {
		x[3], x[9] = float32(v), 0
		if kappa, ties := f.Of(x); kappa != 0 || ties != 0 {
			t.Errorf("%v: frame %d, %d ties", v, kappa, ties)
		}
		x[9] = -x[3]
		if kappa, ties := f.Of(x); kappa != 0 || ties != 0 {
			t.Errorf("%v and its negative: frame %d, %d ties", v, kappa, ties)
		}
	}
	for i := range x {
		x[i] = math.MaxFloat32
	}
	if _, ties := f.Of(x); ties != 4 {
		t.Errorf("the largest number everywhere: %d ties", ties)
	}
}

func TestFrameErrors(t *testing.T) {
	var action *ActionError
	if _, err := NewFrame(C4, 4, 6, 1); !errors.As(err, &action) {
		t.Errorf("C4 on 4×6: %v", err)
	}
	if _, err := NewFrame(C4, 4, 4, 0); err == nil {
		t.Error("no channels: no error")
	}
	f, _ := NewFrame(C4, 4, 4, 2)
	if h, w, c := f.Shape(); h != 4 || w != 4 || c != 2 || f.Group() != C4 {
		t.Errorf("%v on %d×%d×%d", f.Group(), h, w, c)
	}
	for name, call := range map[string]func(){
		"Of":         func() { f.Of(make([]float32, 16)) },
		"Act, x":     func() { f.Act(make([]float32, 17), make([]float32, 17), 1) },
		"Act, z":     func() { f.Act(make([]float32, 16), make([]float32, 32), 1) },
		"Act, empty": func() { f.Act(nil, nil, 1) },
	} {
		func() {
			defer func() {
				if _, ok := recover().(*LengthError); !ok {
					t.Errorf("%s: no *LengthError", name)
				}
			}()
			call()
		}()
	}
}

// Act of a frame is Act of its group, for any number of channels.
func TestFrameAct(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 7))
	f, _ := NewFrame(D4, 5, 5, 1)
	for _, c := range []int{1, 2, 3} {
		x, want := randomImages(rng, Images{1, 5, 5, c}), make([]float32, 25*c)
		for a := range 8 {
			D4.Act(want, x, a, 1, 5, 5, c)
			if !slices.Equal(f.moved(x, a), want) {
				t.Errorf("%d channels: %s", c, D4.ElementName(a))
			}
		}
	}
}

func TestFrameAllocatesNothing(t *testing.T) {
	f, _ := NewFrame(D4, 8, 8, 3)
	x, z := make([]float32, 192), make([]float32, 192)
	if n := testing.AllocsPerRun(10, func() { f.Of(x); f.Act(z, x, 3) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkFrame(b *testing.B) {
	for _, n := range []int{28, 64} {
		f, _ := NewFrame(D4, n, n, 3)
		x := make([]float32, n*n*3)
		b.Run(map[int]string{28: "28×28×3", 64: "64×64×3"}[n], func(b *testing.B) {
			for b.Loop() {
				f.Of(x)
			}
		})
	}
}

// carries reports whether to is h·from, bit by bit.
func (f *Frame) carries(h int, from, to []float64) bool {
	for p, q := range f.group.Permutation(h, f.h, f.w) {
		if !slices.Equal(to[p*f.c:(p+1)*f.c], from[int(q)*f.c:(int(q)+1)*f.c]) {
			return false
		}
	}
	return true
}

// The score of κ is the product with Weights(κ): its argmax is the frame, and the weights of h·κ are those of κ moved by h.
func TestFrameWeights(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 7))
	eachFrame(t, func(f *Frame) {
		x := make([]float32, f.h*f.w*f.c)
		for i := range x {
			x[i] = float32(rng.NormFloat64())
		}
		kappa, ties := f.Of(x)
		score := make([]float64, f.group.Order())
		f.scores(score, x)
		best, most := 0, math.Inf(-1)
		for a := range score {
			weights, sum := f.Weights(a), 0.0
			for i, w := range weights {
				sum += w * float64(x[i])
			}
			if math.Abs(sum-score[a]) > 1e-11*(1+math.Abs(sum)) {
				t.Errorf("%v on %d×%d×%d: the score of %d is %v, by its weights %v", f.group, f.h, f.w, f.c, a, score[a], sum)
			}
			if sum > most {
				best, most = a, sum
			}
			for h := range score {
				if !f.carries(h, weights, f.Weights(f.group.Mul(h, a))) {
					t.Errorf("%v on %d×%d×%d: %d does not carry the weights of %d", f.group, f.h, f.w, f.c, h, a)
				}
			}
		}
		if ties == 1 && best != kappa {
			t.Errorf("%v on %d×%d×%d: the argmax of the scores is %d, κ* is %d", f.group, f.h, f.w, f.c, best, kappa)
		}
	})
}
