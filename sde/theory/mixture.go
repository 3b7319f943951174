package theory

import (
	"fmt"
	"math"
	"slices"

	"spdiff/group/isometry"
	"spdiff/sde"
	"spdiff/tensor"
)

// A Component is a normal distribution N(Mean, Variance·I) and its weight in a [Mixture].
type Component struct {
	Weight   float64
	Mean     []float64
	Variance float64
}

// A Mixture is a density Σ w_k N(x; μ_k, v_k I) on ℝⁿ, known exactly with its score.
//
// Its sums run in sorted order, so they do not depend on that of components and coordinates: a mixture that a signed permutation
// of coordinates maps to itself is invariant, and its score equivariant, to the last bit.
type Mixture struct{ components []Component }

// NewMixture returns the mixture of the components, with weights divided by their sum. It panics with a [*ComponentError] if there
// are none, a weight or a variance is not positive and finite, or means differ in length.
func NewMixture(components ...Component) *Mixture {
	if len(components) == 0 {
		panic(&ComponentError{0, "there must be at least one"})
	}
	m, weights := &Mixture{}, []float64(nil)
	for k, c := range components {
		switch {
		case !(c.Weight > 0) || math.IsInf(c.Weight, 1):
			panic(&ComponentError{k, fmt.Sprintf("its weight is %v, not positive and finite", c.Weight)})
		case !(c.Variance > 0) || math.IsInf(c.Variance, 1):
			panic(&ComponentError{k, fmt.Sprintf("its variance is %v, not positive and finite", c.Variance)})
		case len(c.Mean) == 0 || len(c.Mean) != len(components[0].Mean):
			panic(&ComponentError{k, fmt.Sprintf("its mean has %d numbers, that of the first %d", len(c.Mean), len(components[0].Mean))})
		}
		c.Mean = slices.Clone(c.Mean)
		m.components, weights = append(m.components, c), append(weights, c.Weight)
	}
	total := isometry.SortedSum(weights)
	for k := range m.components {
		m.components[k].Weight /= total
	}
	return m
}

// A ComponentError says what is wrong with a component.
type ComponentError struct {
	Component int
	Reason    string
}

// Error names the component and the reason.
func (e *ComponentError) Error() string {
	return fmt.Sprintf("theory: component %d of a mixture: %s", e.Component, e.Reason)
}

// Dim returns n.
func (m *Mixture) Dim() int { return len(m.components[0].Mean) }

// Orbit returns the mixture of all images of m under g, 1/|G| Σ_A p(A⁻¹x): an invariant density, whatever m is. It panics with a
// [*DimensionError] if g acts on another space.
func (m *Mixture) Orbit(g *isometry.Group) *Mixture {
	mustHave("a mean", m.Dim(), g.Dim())
	var images []Component
	for a := range g.Order() {
		for _, c := range m.components {
			mean := make([]float64, m.Dim())
			g.Act64(mean, c.Mean, a)
			images = append(images, Component{c.Weight, mean, c.Variance})
		}
	}
	return NewMixture(images...)
}

// At returns the marginal p_t of a linear process, the law of x_t = αx₀ + σε (eq. 2) for x₀ drawn from m: Σ w_k N(αμ_k, (α²v_k +
// σ²) I). It is m itself at time 0 if σ(0) = 0.
func (m *Mixture) At(p sde.Process, t float64) *Mixture {
	alpha, sigma := p.Marginal(t)
	marginal := &Mixture{slices.Clone(m.components)}
	for k, c := range m.components {
		mean := make([]float64, len(c.Mean))
		for i, v := range c.Mean {
			mean[i] = alpha * v
		}
		marginal.components[k].Mean = mean
		marginal.components[k].Variance = float64(alpha*alpha*c.Variance) + float64(sigma*sigma)
	}
	return marginal
}

// logTerms returns ln w_k N(x; μ_k, v_k I), and the largest of them.
func (m *Mixture) logTerms(x []float64) (terms []float64, largest float64) {
	largest = math.Inf(-1)
	squares := make([]float64, len(x))
	for _, c := range m.components {
		for i, v := range x {
			squares[i] = float64((v - c.Mean[i]) * (v - c.Mean[i]))
		}
		q := isometry.SortedSum(squares) / c.Variance
		term := math.Log(c.Weight) - (q+float64(float64(len(x))*math.Log(2*math.Pi*c.Variance)))/2
		terms, largest = append(terms, term), math.Max(largest, term)
	}
	return terms, largest
}

// LogDensity returns ln p(x). It panics with a [*DimensionError] if x is not of ℝⁿ.
func (m *Mixture) LogDensity(x []float64) float64 {
	mustHave("x", len(x), m.Dim())
	terms, largest := m.logTerms(x)
	for k := range terms {
		terms[k] = math.Exp(terms[k] - largest)
	}
	return largest + math.Log(isometry.SortedSum(terms))
}

// Density returns p(x), in the way of [Mixture.LogDensity].
func (m *Mixture) Density(x []float64) float64 { return math.Exp(m.LogDensity(x)) }

// Score sets z = ∇ ln p(x) = Σ r_k (μ_k − x)/v_k, where r_k is the probability of component k given x. It panics with a
// [*DimensionError] if z or x is not of ℝⁿ.
func (m *Mixture) Score(z, x []float64) {
	mustHave("x", len(x), m.Dim())
	mustHave("z", len(z), m.Dim())
	terms, largest := m.logTerms(x)
	for k := range terms {
		terms[k] = math.Exp(terms[k] - largest)
	}
	total := isometry.SortedSum(slices.Clone(terms))
	pulls := make([]float64, len(terms))
	for i, v := range x {
		for k, c := range m.components {
			pulls[k] = terms[k] / total * ((c.Mean[i] - v) / c.Variance)
		}
		z[i] = isometry.SortedSum(pulls)
	}
}

// Sample fills x with independent points of ℝⁿ drawn from m, one after another: point k is a function of the seed and k.
func (m *Mixture) Sample(x []float64, seed uint64) {
	n := m.Dim()
	mustHave("the sample", len(x), len(x)/n*n)
	normal(x, seed, pointStream)
	choice := make([]float32, len(x)/n)
	tensor.NewStream(seed, choiceStream).Uniform(choice, 0)
	for k, u := range choice {
		c := m.choose(float64(u))
		point := x[k*n : (k+1)*n]
		for i := range point {
			point[i] = c.Mean[i] + float64(math.Sqrt(c.Variance)*point[i])
		}
	}
}

// choose returns the component in whose part of [0, 1) u lies.
func (m *Mixture) choose(u float64) Component {
	for _, c := range m.components {
		if u -= c.Weight; u < 0 {
			return c
		}
	}
	return m.components[len(m.components)-1]
}

// An Evolution is a mixture carried through a linear process: its marginals p_t, exactly, with their scores.
type Evolution struct {
	Start   *Mixture
	Process sde.Process
}

// LogDensity is a [Function]: ln p_t(x).
func (e Evolution) LogDensity(x []float64, t float64) float64 {
	return e.Start.At(e.Process, t).LogDensity(x)
}

// Score is a [Field]: ∇ ln p_t(x).
func (e Evolution) Score(z, x []float64, t float64) { e.Start.At(e.Process, t).Score(z, x) }
