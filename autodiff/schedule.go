package autodiff

import "spdiff/tensor"

// Operations on images one by one, such as the parts of a GroupNorm, read and write more memory than they compute. Run one
// after the other, each streams the whole batch through the caches. So they are put into stages: in a stage a worker takes an
// image through all operations before it takes the next, and only the first finds the image in memory.

// manyImages are enough to keep all workers busy with an image each.
const manyImages = 8

// leastOfImage is how many numbers of an image are worth a piece of work.
const leastOfImage = 256

// imagesOf returns how many images an operation that reads tensors of shape s takes one by one: the length of the first
// axis, or 0 where the operation is better cut in another way.
func imagesOf(s tensor.Shape) int {
	if len(s) < 2 || s[0] < manyImages || size(s)/s[0] < leastOfImage {
		return 0
	}
	return s[0]
}

// A stage is one step of a program: a single operation, or several that go image by image; and views of their results.
type stage struct {
	nodes  []*Node
	images int // 0: a single operation
}

// schedule puts operations, in an order in which they may run, into stages. An operation that goes image by image joins the
// stage that made one of its arguments, or else a recent one, where that is possible; the others keep their order. Without join,
// each is a stage of its own.
func schedule(order []*Node, join bool) []stage {
	s := scheduler{at: map[*Node]int{}, whole: map[*Node]int{}}
	for _, n := range order {
		i := len(s.stages)
		if join {
			i = s.choose(n)
		}
		if i == len(s.stages) {
			s.stages = append(s.stages, stage{images: n.op.images})
		}
		s.at[n] = i
		s.stages[i].nodes = append(s.stages[i].nodes, n)
		for _, a := range n.args {
			if k := storage(a); n.readsWhole(a) {
				s.whole[k] = max(s.whole[k], i+1) // an operation made later may join an earlier stage
			}
		}
	}
	return s.stages
}

type scheduler struct {
	stages []stage
	at     map[*Node]int // the stage of each value; what is not there was before
	whole  map[*Node]int // the first stage in which a value may be overwritten, after one that goes image by image but reads all of it
}

// readsWhole reports whether n goes image by image and reads all of its argument a for each.
func (n *Node) readsWhole(a *Node) bool { return n.op.images > 0 && !n.byParts(a) }

// byParts reports whether n, which goes image by image, reads no more than that image of its argument a.
func (n *Node) byParts(a *Node) bool {
	s := a.Shape()
	return len(s) > 1 && s[0] == n.op.images
}

// lookBack is how many stages an operation goes back to join one that made none of its arguments. Further on results would
// wait in memory for long.
const lookBack = 6

// choose returns the stage of n.
func (s *scheduler) choose(n *Node) int {
	end := len(s.stages)
	if n.op.view {
		if i, ok := s.at[storage(n)]; ok {
			return i
		}
		return end
	}
	if n.op.images == 0 {
		return end
	}
	first, meets := 0, false // the first stage in which n can run, and whether it made an argument of n
	for k, a := range n.args {
		least, joins := 0, false
		if k < n.op.inplace {
			least = s.whole[storage(a)]
		}
		if i, ok := s.at[storage(a)]; ok && i >= least {
			least = i + 1
			if s.stages[i].images == n.op.images && n.byParts(a) {
				least, joins = i, true
			}
		}
		if least > first || least == first && joins {
			first, meets = least, joins
		}
	}
	if meets {
		return first
	}
	for i := max(first, end-lookBack); i < end; i++ {
		if s.stages[i].images == n.op.images {
			return i
		}
	}
	return end
}

// strip is how many numbers of an image a stage's operation takes at a time: three operands fit in the first cache.
const strip = 2048

// perImage makes the task that calls do for stretches lo ≤ p < hi of the pixels of each of n images; a pixel is c numbers. If
// images, as imagesOf has it, is not 0, an image is a piece of work, done strip by strip; else a chunk is.
func perImage(images, n, pixels, c int, do func(i, lo, hi int)) []tensor.Task {
	if images > 0 {
		most := max(1, strip/c)
		return []tensor.Task{{N: n, Do: func(i, _ int) {
			for lo := 0; lo < pixels; lo += most {
				do(i, lo, min(lo+most, pixels))
			}
		}}}
	}
	most := max(1, chunk/c) // pixels of a piece
	pieces := (pixels + most - 1) / most
	return []tensor.Task{{N: n * pieces, Do: func(k, _ int) {
		lo := k % pieces * most
		do(k/pieces, lo, min(lo+most, pixels))
	}}}
}

// perRow makes the task that calls do on each of n rows of the given length: those of an image together if images is not 0.
func perRow(images, n, length int, do func(i int)) []tensor.Task {
	return perRows(images, n, length, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			do(i)
		}
	})
}

// perRows makes the task that calls do on stretches of n rows of the given length: those of an image if images is not 0.
func perRows(images, n, length int, do func(lo, hi int)) []tensor.Task {
	pieces, per := images, 0
	if images > 0 {
		per = n / images
	} else {
		per = max(1, chunk/length)
		pieces = (n + per - 1) / per
	}
	return []tensor.Task{{N: pieces, Do: func(piece, _ int) {
		do(piece*per, min((piece+1)*per, n))
	}}}
}
