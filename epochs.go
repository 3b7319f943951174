package spdiff

// Epochs say which image a draw shows: in epoch e, the draws e·n to (e+1)·n − 1 for n images, each image once, in an order
// that is a function of the seed and e alone. The orders of two epochs are kept: a batch may have images of both.
type epochs struct {
	seed uint64
	n    int
	kept [2]epoch
}

// An epoch is the order in which an epoch shows the images.
type epoch struct {
	number int
	images []int
}

func newEpochs(seed uint64, n int) epochs {
	return epochs{seed, n, [2]epoch{{number: -1}, {number: -1}}}
}

// images sets to to the images that the draws from first on show. If they span more than two epochs, of a source smaller
// than a batch, the orders are made anew as they come.
func (e *epochs) images(to []int, first int) {
	for j := range to {
		d := first + j
		to[j] = e.order(d / e.n)[d%e.n]
	}
}

// order returns the order of an epoch.
func (e *epochs) order(number int) []int {
	k := &e.kept[number%2]
	if k.number != number {
		*k = epoch{number, order.stream(e.seed, uint64(number)).Perm(e.n)}
	}
	return k.images
}
