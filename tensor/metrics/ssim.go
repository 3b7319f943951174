package metrics

import "spdiff/tensor"

// SSIM says how structural similarity is measured (Wang and others, 2004). What its zero values stand for is what scikit-image's
// structural_similarity does where nothing else is asked of it.
type SSIM struct {
	Span       float64 // the data's range, the largest possible difference: 255 of bytes, 2 of [−1, 1]; it must be given
	Gaussian   bool    // windows of 11×11 weighted by a Gaussian of σ = 1.5, not 7×7 of equal weights
	Population bool    // variances by n, as Wang's, not by n−1
}

// gaussian is exp(−i²/4.5) for i = −5 … 5, divided by its sum: the first six.
var gaussian = [6]float64{0.00102838008447911, 0.007598758135239186, 0.036000772128430815, 0.10936068950970002,
	0.2130055377112537, 0.26601172486179436}

// Of returns the similarity of each image of x (N, H, W, C) to that of y: the mean, over channels and over all windows that lie
// in the image, of
//
//	(2μ₁μ₂ + C₁)(2σ₁₂ + C₂) / ((μ₁² + μ₂² + C₁)(σ₁² + σ₂² + C₂)),  C₁ = (0.01·Span)²,  C₂ = (0.03·Span)².
//
// Images smaller than a window are a *[ShapeError].
func (s SSIM) Of(x, y *tensor.Tensor) ([]float64, error) {
	n, size, err := pairs("SSIM", x, y, s.Span)
	if err != nil {
		return nil, err
	}
	w := s.window()
	shape := x.Shape()
	if shape[1] < len(w) || shape[2] < len(w) {
		return nil, misfit("SSIM", "images of %d×%d pixels; the window has %d×%d", shape[1], shape[2], len(w), len(w))
	}
	z := make([]float64, n)
	tensor.Run(tensor.Task{N: n, Do: func(i, _ int) {
		for c := range shape[3] {
			a := channel(x.Data()[i*size:(i+1)*size], c, shape[3])
			b := channel(y.Data()[i*size:(i+1)*size], c, shape[3])
			z[i] += s.mean(a, b, shape[2], w)
		}
		z[i] /= float64(shape[3])
	}})
	return z, nil
}

// window returns the weights of a line of a window.
func (s SSIM) window() []float64 {
	if !s.Gaussian {
		w := make([]float64, 7)
		for i := range w {
			w[i] = 1.0 / 7
		}
		return w
	}
	w := make([]float64, 11)
	for i, v := range gaussian {
		w[i], w[10-i] = v, v
	}
	return w
}

// channel returns the numbers of one channel.
func channel(x []float32, c, channels int) []float64 {
	z := make([]float64, len(x)/channels)
	for p := range z {
		z[p] = float64(x[p*channels+c])
	}
	return z
}

// mean returns the mean similarity over the windows of one channel of a width.
func (s SSIM) mean(x, y []float64, width int, w []float64) float64 {
	xx, yy, xy := make([]float64, len(x)), make([]float64, len(x)), make([]float64, len(x))
	for p := range x {
		xx[p], yy[p], xy[p] = float64(x[p]*x[p]), float64(y[p]*y[p]), float64(x[p]*y[p])
	}
	mx, my := filter(x, width, w), filter(y, width, w)
	mxx, myy, mxy := filter(xx, width, w), filter(yy, width, w), filter(xy, width, w)
	sum := 0.0
	for p := range mx {
		sum += s.local(mx[p], my[p], mxx[p], myy[p], mxy[p], len(w))
	}
	return sum / float64(len(mx))
}

// local returns the similarity of one window from the means of x, y, x², y² and xy.
func (s SSIM) local(x, y, xx, yy, xy float64, window int) float64 {
	norm := 1.0
	if points := float64(window * window); !s.Population {
		norm = points / (points - 1)
	}
	x2, y2, product := float64(x*x), float64(y*y), float64(x*y)
	vx, vy, vxy := float64(norm*(xx-x2)), float64(norm*(yy-y2)), float64(norm*(xy-product))
	c1, c2 := float64(0.01*s.Span), float64(0.03*s.Span)
	c1, c2 = float64(c1*c1), float64(c2*c2)
	top := float64((float64(2*product) + c1) * (float64(2*vxy) + c2))
	return top / float64((x2+y2+c1)*(vx+vy+c2))
}

// filter returns the weighted means over all windows in a plane of a width, by lines and then by columns.
func filter(x []float64, width int, w []float64) []float64 {
	height, inner := len(x)/width, width-len(w)+1
	lines := make([]float64, height*inner)
	for r := range height {
		for c := range inner {
			for k, v := range w {
				lines[r*inner+c] += float64(v * x[r*width+c+k])
			}
		}
	}
	z := make([]float64, (height-len(w)+1)*inner)
	for p := range z {
		for k, v := range w {
			z[p] += float64(v * lines[p+k*inner])
		}
	}
	return z
}
