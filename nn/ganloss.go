package nn

import (
	"cmp"

	"spdiff/autodiff"
)

// A GANLoss says what the two networks of a generative adversarial network minimise. With x images, G ones that were generated, D the
// discriminator and E means over a batch:
//
// Relativistic, the relativistic average (Jolicoeur-Martineau, 2019) with the penalty R1 (Mescheder et al., 2018):
//
//	L_D = −E log(σ(D(x) − E D(G)) + 10⁻⁶) − E log(1 − σ(D(G) − E D(x)) + 10⁻⁶) + λ·½ E |∇D(x)|²,
//
// and L_G the same with x and G exchanged, without the penalty.
//
// Divergence, the (f_α, Lip) divergence (Birrell et al., (f,Γ)-Divergences, 2022), with y⁺ = max(y, 0):
//
//	V = E D(x) − E f*(D(G)),   f*(y) = (y⁺)^p (α−1)^p/α + 1/(α(α−1)),   p = α/(α−1),
//	L_D = −V + λ·E (|∇D(x̂)|² − 1)⁺,   L_G = V,
//
// where x̂ is a random point between an image and a generated one: a penalty on one side, of the squared length. Both are as in
// SP-GAN's code.
type GANLoss struct {
	Kind   GANLossKind `json:"kind"`
	Weight float64     `json:"weight"` // λ
	Alpha  float64     `json:"alpha"`  // α of the divergence, more than 1
}

// A GANLossKind tells the losses apart. In JSON it is its name.
type GANLossKind uint8

// The kinds of loss.
const (
	Relativistic GANLossKind = iota
	Divergence
)

var ganLosses = names{"loss", []string{"relativistic", "divergence"}}

// RelativisticLoss returns the relativistic average with SP-GAN's λ = 0.1.
func RelativisticLoss() GANLoss { return GANLoss{Relativistic, 0.1, 2} }

// DivergenceLoss returns the divergence with SP-GAN's α = 2 and λ = 10.
func DivergenceLoss() GANLoss { return GANLoss{Divergence, 10, 2} }

// String returns the name of the kind: relativistic or divergence.
func (k GANLossKind) String() string { return ganLosses.of(uint8(k)) }

// MarshalText returns the name. It never fails.
func (k GANLossKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText sets k to the kind of that name.
func (k *GANLossKind) UnmarshalText(name []byte) error { return ganLosses.parse(name, (*uint8)(k)) }

// Validate returns a *ConfigError that names the first setting with which training would be lost, and one that works.
func (l GANLoss) Validate() error {
	return cmp.Or(
		inRange("loss", "kind", int(l.Kind), int(Relativistic), int(Divergence)),
		inRange("loss", "weight", l.Weight, 0, 1e6),
		inRange("loss", "alpha", l.Alpha, 1.01, 100))
}

// Mixed reports whether the penalty is of points between images and generated ones, else of the images.
func (l GANLoss) Mixed() bool { return l.Kind == Divergence }

// Critic returns L_D without its penalty, given D of images and of generated ones, (N, 1) each.
func (l GANLoss) Critic(real, fake *autodiff.Node) *autodiff.Node {
	if l.Kind == Divergence {
		return autodiff.Neg(l.value(real, fake)).Named("critic loss")
	}
	return relativistic(real, fake).Named("critic loss")
}

// Generator returns L_G.
func (l GANLoss) Generator(real, fake *autodiff.Node) *autodiff.Node {
	if l.Kind == Divergence {
		return l.value(real, fake).Named("generator loss")
	}
	return relativistic(fake, real).Named("generator loss")
}

// Penalty returns the penalty without its weight, given D (N, 1) of images x (N, H, W, C).
func (l GANLoss) Penalty(d, x *autodiff.Node) *autodiff.Node {
	slope := autodiff.Square(autodiff.Grad(autodiff.Sum(d), x)[0])
	squares := autodiff.SumTo(slope, x.Shape()[0], 1, 1, 1) // |∇D|² of each
	if l.Kind == Divergence {
		return autodiff.Mean(autodiff.ReLU(autodiff.Shift(squares, -1))).Named("penalty")
	}
	return autodiff.Scale(autodiff.Mean(squares), 0.5).Named("penalty")
}

// relativistic returns −E log(σ(x − E y) + 10⁻⁶) − E log(1 − σ(y − E x) + 10⁻⁶).
func relativistic(x, y *autodiff.Node) *autodiff.Node {
	const eps = 1e-6
	above := autodiff.Sigmoid(autodiff.Sub(x, autodiff.Expand(autodiff.Mean(y), x.Shape()...)))
	below := autodiff.Sigmoid(autodiff.Sub(autodiff.Expand(autodiff.Mean(x), y.Shape()...), y)) // 1 − σ(v) = σ(−v)
	log := func(p *autodiff.Node) *autodiff.Node { return autodiff.Mean(autodiff.Log(autodiff.Shift(p, eps))) }
	return autodiff.Neg(autodiff.Add(log(above), log(below)))
}

// value returns V.
func (l GANLoss) value(real, fake *autodiff.Node) *autodiff.Node {
	return autodiff.Sub(autodiff.Mean(real), autodiff.Mean(l.conjugate(fake)))
}

// conjugate returns f*(y).
func (l GANLoss) conjugate(y *autodiff.Node) *autodiff.Node {
	if l.Alpha == 2 {
		return autodiff.Shift(autodiff.Scale(autodiff.Square(autodiff.ReLU(y)), 0.5), 0.5)
	}
	// (y⁺)^p (α−1)^p/α = exp(p·log((α−1)·y⁺))/α; what is no more than 10⁻¹² counts as that.
	p := l.Alpha / (l.Alpha - 1)
	positive := autodiff.Clamp(autodiff.Scale(y, float32(l.Alpha-1)), 1e-12, 1e12)
	power := autodiff.Exp(autodiff.Scale(autodiff.Log(positive), float32(p)))
	return autodiff.Shift(autodiff.Scale(power, float32(1/l.Alpha)), float32(1/(l.Alpha*(l.Alpha-1))))
}
