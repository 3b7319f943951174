package fd

import (
	"context"
	"math"

	"spdiff/autodiff"
	"spdiff/nn"
	"spdiff/nn/features"
	"spdiff/tensor"
)

// whitened is how many images say what the variance of a feature is.
const whitened = 2048

// whiten sets the map z = W·f + b so that z of the first images has mean 0 and, nearly, the covariance 1: W = L⁻¹, LLᵀ being the
// covariance of f, and b = −Wμ. Without it a distance would depend mostly on the few directions in which images of one law differ most, such
// as how much stain there is. z is f's graph at x. All is float64 with every product rounded, the same on every machine.
func whiten(ctx context.Context, images Images, x, z *autodiff.Node, to *nn.Linear) error {
	n, dim := min(images.Len(), whitened), z.Shape()[1]
	errs := make([]error, n)
	f, err := features.NewProgram(x, z).Of(ctx, n, func(x []float32, i int) { _, errs[i] = images.Image(x, i) })
	if err != nil {
		return err
	}
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	mean, cov := moments(f)
	inverse := invert(cholesky(cov, dim), dim)
	w, b := to.Weight.Value.Data(), to.Bias.Value.Data()
	for j := range dim {
		sum := 0.0
		for i := range dim {
			w[i*dim+j] = float32(inverse[j*dim+i])
			sum -= float64(inverse[j*dim+i] * mean[i])
		}
		b[j] = float32(sum)
	}
	return nil
}

// ridge is what is added to each variance, as a share of their mean: no direction counts more than as if it had so much.
const ridge = 1e-3

// moments returns the mean and the covariance, with the ridge, of rows.
func moments(f *tensor.Tensor) (mean, cov []float64) {
	n, dim := f.Shape()[0], f.Shape()[1]
	mean, cov = make([]float64, dim), make([]float64, dim*dim)
	for i, v := range f.Data() {
		mean[i%dim] += float64(float64(v) / float64(n))
	}
	d := make([]float64, dim)
	for r := range n {
		for i, v := range f.Data()[r*dim : (r+1)*dim] {
			d[i] = float64(v) - mean[i]
		}
		for i := range dim {
			for j := range i + 1 {
				cov[i*dim+j] += float64(float64(d[i]*d[j]) / float64(n))
			}
		}
	}
	trace := 0.0
	for i := range dim {
		trace += cov[i*dim+i]
	}
	for i := range dim {
		cov[i*dim+i] += float64(ridge*trace)/float64(dim) + 1e-12 // more than 0 where all images are equal, too
	}
	return mean, cov
}

// cholesky returns the lower triangle L with LLᵀ = a, of which the lower triangle is read.
func cholesky(a []float64, n int) []float64 {
	l := make([]float64, n*n)
	for i := range n {
		for j := range i + 1 {
			sum := a[i*n+j]
			for k := range j {
				sum -= float64(l[i*n+k] * l[j*n+k])
			}
			if l[i*n+j] = math.Sqrt(max(sum, 0)); i != j {
				l[i*n+j] = sum / l[j*n+j]
			}
		}
	}
	return l
}

// invert returns the inverse of a lower triangle.
func invert(l []float64, n int) []float64 {
	z := make([]float64, n*n)
	for j := range n {
		z[j*n+j] = 1 / l[j*n+j]
		for i := j + 1; i < n; i++ {
			sum := 0.0
			for k := j; k < i; k++ {
				sum -= float64(l[i*n+k] * z[k*n+j])
			}
			z[i*n+j] = sum / l[i*n+i]
		}
	}
	return z
}
