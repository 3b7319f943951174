package autodiff

import "spdiff/tensor"

// A phase is a pass over images, whose blocks are worked on apart: block does
// block b of image i, and finish adds up, in order, what the blocks of image i
// gave.
type phase struct {
	block  func(i, b, worker int)
	finish func(i int)
}

// manyImages are enough to keep all workers busy.
const manyImages = 16

// phased makes the tasks of some phases, one after the other, on so many images
// of so many blocks. Where there are many images, a worker does all phases of
// one, which stays in its cache; where there are few, workers share an image.
// No result depends on which it is.
func phased(images, blocks int, phases ...phase) []tensor.Task {
	if blocks == 1 || images >= manyImages {
		return []tensor.Task{{N: images, Do: func(i, worker int) {
			for _, p := range phases {
				for b := range blocks {
					p.block(i, b, worker)
				}
				p.finish(i)
			}
		}}}
	}
	var tasks []tensor.Task
	for _, p := range phases {
		tasks = append(tasks,
			tensor.Task{N: images * blocks, Do: func(k, worker int) { p.block(k/blocks, k%blocks, worker) }},
			tensor.Task{N: 1, Do: func(_, _ int) {
				for i := range images {
					p.finish(i)
				}
			}})
	}
	return tasks
}

// blocksOf returns into how many blocks an image of n numbers is cut: of about
// 128 KiB, which stay in the second cache.
func blocksOf(n int) int { return max(1, n>>15) }

// perImage cuts n images of so many pixels of c channels into pieces of about chunk numbers, and calls do for pixels
// lo ≤ p < hi of image i.
func perImage(n, pixels, c int, do func(i, lo, hi int)) []tensor.Task {
	most := max(1, chunk/c) // pixels of a piece
	pieces := (pixels + most - 1) / most
	return []tensor.Task{{N: n * pieces, Do: func(k, _ int) {
		lo := k % pieces * most
		do(k/pieces, lo, min(lo+most, pixels))
	}}}
}
