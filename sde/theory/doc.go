// Package theory has the statements of the paper (Lu, Szabados & Yu, "Structure Preserving Diffusion Models", sections 3 to 5)
// as checks to run on a process, a density or a network of one's own.
//
// A [Check] is a group, points of ℝⁿ, times and a bound. Its methods compare both sides of a statement at every point, time
// and element, and return a [Report]: the largest violation, where it is, and whether the statement holds within the bound.
//
//	Lemma 1        a density is invariant ⇔ its score is equivariant                [Check.Lemma1]
//	Proposition 1  all marginals are invariant ⇔ the drift is equivariant           [Check.Proposition1]; read its "only if"
//	Corollary 1    a drift u(t)·x preserves every group of linear isometries        [Check.Corollary1]
//	eq. 12         the average of a function over the group is equivariant          [Check.Averages], [Average]
//	Example 1      scaling admits no invariant density                              [Scaling]
//	eq. 19         equivariant drift and noise make equivariant trajectories        [Check.Trajectories]
//
// What the statements speak of is here too: diffusions with any drift ([Ito]), simulated as particles ([Ito.Simulate]) or
// evolved as a density ([Ito.Evolve]); and densities that are known exactly, with their scores, at all times of a linear
// process ([Mixture], [Evolution]).
//
// A check sees points, not all of ℝⁿ: a violation is a disproof, and its absence is evidence. A report counts it: the different
// points that could have shown a violation. Without two of them, or with points or times that are not finite, nothing is shown,
// and the report says why.
//
// # Numbers
//
// All is float64. Violations are relative: |difference| over the largest of the two numbers and of what is typical, the median
// over the points at that time. So units do not matter, and rounding errors near a zero are no violation. Where the group is exact
// (isometry.Group.Exact) both sides of several statements are the same numbers moved, and a bound of 0 demands equal bits:
// averages over any such group, drifts u(t)·x, mixtures symmetrised by [Mixture.Orbit] and their scores, trajectories, and
// densities evolved on a grid under an equivariant drift. A network in float32 is compared in its own bits: see [Network].
//
// A drift of one's own commutes to the last bit only if its arithmetic does. Mind the compiler, which with GOAMD64=v3 turns x + y*z
// into one rounding and x - y*z not: write float64(y*z) where no fusion is meant.
//
// Sizes, fits and statistics are by gonum, whose sums run in another order on machines with assembly: their last bits may differ
// from machine to machine. Where two functions or paths are compared number by number (Invariant, Equivariant, Averages,
// Trajectories) neither side is computed so.
package theory
