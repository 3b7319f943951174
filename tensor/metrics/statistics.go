package metrics

import (
	"fmt"
	"math"

	"spdiff/tensor"
	"spdiff/tensor/npy"
)

// Statistics are the mean and the covariance of features: all that a Fréchet distance knows of a set.
type Statistics struct {
	Feature    string    // name of the features; empty where a file does not say
	Images     int       // how many; 0 where a file does not say
	Mean       []float64 // (D)
	Covariance []float64 // (D, D), symmetric, of N−1 degrees of freedom
}

// Save writes the statistics to a .npz file with arrays mu (D) and sigma (D, D) of float64, as pytorch-fid reads it, and with
// images and feature besides, which it leaves alone.
func (s *Statistics) Save(path string) error {
	if err := s.check(); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	d := len(s.Mean)
	return npy.WriteExact(path, map[string]npy.Member{
		"mu":      npy.Exact[float64]{Shape: tensor.Shape{d}, Data: s.Mean},
		"sigma":   npy.Exact[float64]{Shape: tensor.Shape{d, d}, Data: s.Covariance},
		"images":  npy.Exact[int64]{Shape: tensor.Shape{1}, Data: []int64{int64(s.Images)}},
		"feature": npy.Exact[uint8]{Shape: tensor.Shape{len(s.Feature)}, Data: []byte(s.Feature)},
	})
}

// LoadStatistics reads what Save wrote, or pytorch-fid.
func LoadStatistics(path string) (*Statistics, error) {
	f, err := npy.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	s, err := readStatistics(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return s, nil
}

func readStatistics(f *npy.File) (*Statistics, error) {
	mu, err := member[float64](f, "mu")
	if err != nil {
		return nil, err
	}
	sigma, err := member[float64](f, "sigma")
	if err != nil {
		return nil, err
	}
	s := &Statistics{Mean: mu.Data, Covariance: sigma.Data}
	if d := len(mu.Data); !mu.Shape.Equal(tensor.Shape{d}) || !sigma.Shape.Equal(tensor.Shape{d, d}) {
		return nil, misfit("statistics", "mu has shape %v and sigma %v; (D) and (D, D) are wanted", mu.Shape, sigma.Shape)
	}
	if f.Array("images") != nil {
		n, err := member[int64](f, "images")
		if err != nil {
			return nil, err
		}
		if len(n.Data) != 1 || n.Data[0] < 0 || n.Data[0] > maxImages {
			return nil, fmt.Errorf("images is no number of images: %v; it is one, from 0 to %d", n.Data, int64(maxImages))
		}
		s.Images = int(n.Data[0])
	}
	if f.Array("feature") != nil {
		name, err := member[uint8](f, "feature")
		if err != nil {
			return nil, err
		}
		s.Feature = string(name.Data)
	}
	return s, s.check()
}

// member reads an array of a file whole.
func member[T float64 | int64 | uint64 | uint8](f *npy.File, name string) (npy.Exact[T], error) {
	a := f.Array(name)
	if a == nil {
		return npy.Exact[T]{}, fmt.Errorf("there is no array %q, only %q", name, f.Names())
	}
	e, err := npy.ReadExact[T](a)
	if err != nil {
		return e, fmt.Errorf("array %q: %w", name, err)
	}
	return e, nil
}

// check checks lengths, that all numbers are finite, and that the covariance is symmetric, to rounding errors.
func (s *Statistics) check() error {
	d := len(s.Mean)
	if d < 1 || len(s.Covariance) != d*d {
		return misfit("statistics", "a mean of %d numbers and a covariance of %d; D and D·D are wanted", d, len(s.Covariance))
	}
	if err := finite("mean", s.Mean, d, math.Inf(1)); err != nil {
		return err
	}
	if err := finite("covariance", s.Covariance, d, math.Inf(1)); err != nil {
		return err
	}
	largest := 0.0
	for _, v := range s.Covariance {
		largest = max(largest, math.Abs(v))
	}
	for i := range d {
		if s.Covariance[i*d+i] < 0 {
			return misfit("statistics", "the variance of feature %d is %v; none is negative", i, s.Covariance[i*d+i])
		}
		for j := range i {
			if a, b := s.Covariance[i*d+j], s.Covariance[j*d+i]; math.Abs(a-b) > float64(1e-9*largest) {
				return misfit("statistics", "the covariance is not symmetric: %v at (%d, %d), %v at (%d, %d)", a, i, j, b, j, i)
			}
		}
	}
	return nil
}
