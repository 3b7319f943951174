package metrics

import (
	"math"
	"slices"

	"spdiff/tensor"
)

// A Neighbour is a vector of a set that is near to another.
type Neighbour struct {
	Index    int     // of the row
	Element  int     // of the orbit: the query, moved by it, is that near; 0 without an orbit
	Distance float64 // Euclidean
}

// An Orbit is a finite group of isometries of the vectors, as of images by turns: Act sets z to the vector x, moved by element
// a, 0 ≤ a < Order; element 0 leaves it. The zero Orbit is the trivial group.
type Orbit struct {
	Order int
	Act   func(z, x []float32, a int)
}

// Nearest returns the k nearest rows of set (N, …) to each row of query (M, …), nearest first: of pixels or of features. Over an
// orbit the distance is the least over the copies of the query. Of rows that are equally near the first comes first, of
// elements the first. Wrong shapes are a *[ShapeError], numbers that are not finite a *[ValueError].
func Nearest(query, set *tensor.Tensor, k int, orbit Orbit) ([][]Neighbour, error) {
	m, dim, err := rows("nearest neighbours", query, 1)
	if err != nil {
		return nil, err
	}
	n, other, err := rows("nearest neighbours", set, 1)
	if err != nil {
		return nil, err
	}
	if dim != other || k < 1 || k > n || orbit.Order > 1 && orbit.Act == nil {
		return nil, misfit("nearest neighbours", "%d of rows of shape %v to rows of shape %v, over %d elements", k, set.Shape(), query.Shape(), orbit.Order)
	}
	found := make([][]Neighbour, m)
	tensor.Run(tensor.Task{N: m, Do: func(i, _ int) {
		copies := orbit.copies(query.Data()[i*dim : (i+1)*dim])
		found[i] = nearest(copies, set.Data(), dim, k, -1)
	}})
	return found, nil
}

// copies returns x moved by each element.
func (o Orbit) copies(x []float32) [][]float32 {
	all := [][]float32{x}
	for a := 1; a < o.Order; a++ {
		z := make([]float32, len(x))
		o.Act(z, x, a)
		all = append(all, z)
	}
	return all
}

// nearest returns the k nearest rows of set but for row number skip, which is negative if none is to be left out.
func nearest(copies [][]float32, set []float32, dim, k, skip int) []Neighbour {
	best := make([]Neighbour, 0, k+1) // by squares of distances
	for i := range len(set) / dim {
		if i == skip {
			continue
		}
		limit := math.Inf(1)
		if len(best) == k {
			limit = best[k-1].Distance
		}
		found := Neighbour{i, -1, limit}
		for a, x := range copies {
			if d := apart(x, set[i*dim:(i+1)*dim], found.Distance); d < found.Distance {
				found.Element, found.Distance = a, d
			}
		}
		if found.Element >= 0 {
			best = insert(best, found, k)
		}
	}
	for i := range best {
		best[i].Distance = math.Sqrt(best[i].Distance)
	}
	return best
}

// insert adds a neighbour that is nearer than the last after those that are as near, and keeps k.
func insert(best []Neighbour, v Neighbour, k int) []Neighbour {
	at := len(best)
	for at > 0 && best[at-1].Distance > v.Distance {
		at--
	}
	best = slices.Insert(best, at, v)
	return best[:min(len(best), k)]
}

// apart returns |x−y|², or, once it is above the limit, what it has come to: more than the limit. Element i is in chain i mod 4.
func apart(x, y []float32, limit float64) float64 {
	y = y[:len(x)]
	var a, b, c, d float64
	for n := 0; len(x) >= 4 && len(y) >= 4; n++ {
		u, v := float64(x[0])-float64(y[0]), float64(x[1])-float64(y[1])
		s, t := float64(x[2])-float64(y[2]), float64(x[3])-float64(y[3])
		a, b, c, d = a+float64(u*u), b+float64(v*v), c+float64(s*s), d+float64(t*t)
		x, y = x[4:], y[4:]
		if n%8 == 7 && (a+b)+(c+d) > limit {
			return (a + b) + (c + d)
		}
	}
	for i, v := range x {
		u := float64(v) - float64(y[i])
		a += float64(u * u)
	}
	return (a + b) + (c + d)
}
