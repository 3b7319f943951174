package isometry

import (
	"math"

	"gonum.org/v1/gonum/floats"
)

// An index finds the number of an element.
type index interface {
	add(a linear, number int)

	// find returns the number of the element nearest to a, and its distance, or −1 if none is nearer than gap/2.
	find(a linear, elements []linear) (number int, distance float64)
}

// newIndex returns the index of signed permutations, or that of matrices.
func newIndex(exact bool, dim int) index {
	if exact {
		return byKey{}
	}
	return newByShadow(dim)
}

// byKey tells signed permutations apart by what they are.
type byKey map[string]int

func (x byKey) add(a linear, number int) { x[a.key()] = number }

func (x byKey) find(a linear, _ []linear) (int, float64) {
	if number, ok := x[a.key()]; ok {
		return number, 0
	}
	return -1, 0
}

// byShadow sorts matrices into cells by one number, their product with a fixed unit vector. That changes by at most the
// distance of the matrices, so one nearer than the width of a cell is in the same cell or the next.
type byShadow struct {
	direction []float64
	cells     map[int][]int
}

func newByShadow(dim int) *byShadow {
	x := &byShadow{make([]float64, dim*dim), map[int][]int{}}
	for i := range x.direction {
		_, v := math.Modf(float64(i+1) * math.Phi) // spread over [−½, ½), no two alike
		x.direction[i] = v - 0.5
	}
	floats.Scale(1/floats.Norm(x.direction, 2), x.direction)
	return x
}

func (x *byShadow) cell(a linear) int {
	shadow, n := 0.0, a.dim()
	for i, row := range a.matrix() {
		shadow += floats.Dot(row, x.direction[i*n:(i+1)*n])
	}
	return int(math.Floor(shadow / (gap / 2)))
}

func (x *byShadow) add(a linear, number int) {
	c := x.cell(a)
	x.cells[c] = append(x.cells[c], number)
}

func (x *byShadow) find(a linear, elements []linear) (int, float64) {
	nearest, distance := -1, gap/2
	c, m := x.cell(a), a.matrix()
	for _, cell := range [][]int{x.cells[c-1], x.cells[c], x.cells[c+1]} {
		for _, number := range cell {
			if d := elements[number].matrix().distance(m); d < distance {
				nearest, distance = number, d
			}
		}
	}
	return nearest, distance
}
