// Package metrics measures how far sets of images, or of their features, are apart: Fréchet and kernel distances, precision and
// recall, nearest neighbours, PSNR and SSIM, shares of classes, and what runs of several seeds say together.
//
// Its one idea: what is measured is a function of the sets, not of the order in which their images came. [Moments] are sums of
// whole numbers, which have no order; they can be made in batches, in parts, on several machines, and their bits are those of one
// run. Subsets are drawn from vectors in an order of their own. The Fréchet distance of a set from itself is exactly 0,
// whatever its files are called.
//
// # The same on every machine
//
// All is computed in float64. Moments, statistics, kernel distances, precision and recall, neighbours, similarities, proportions
// and summaries have the same bits on every machine: their sums have one order, and nothing in them is fused that is not exact.
//
// Fréchet distances are the exception, for their singular values come from gonum, whose kernels on amd64 (in assembly) add in
// another order than its Go, and whose Go the compiler fuses on arm64. Singular values move by no more than the matrix does, so
// the errors stay at 10⁻¹⁵ of the distance's scale, |μ₁ − μ₂|² + trΣ₁ + trΣ₂: 4·10⁻¹⁶ is the largest difference seen between
// amd64 with assembly and without, with GOAMD64=v3, and arm64. Distances are therefore rounded to a multiple of 2⁻³⁰ of the
// scale, nine digits, and come out the same unless one lies so close to the middle of two multiples: some one in a million. Zero
// is exact. Everything before the singular values, the roots and ranks of the covariances included, has the same bits.
package metrics
