package autodiff

import "spdiff/tensor"

// A phase is a pass over images, whose blocks are worked on apart: block does
// block b of image i, and finish adds up, in order, what the blocks of image i
// gave.
type phase struct {
	block  func(i, b, worker int)
	finish func(i int)
}

// phased makes the tasks of some phases, one after the other, on n images,
// each in the given number of blocks. If images, as imagesOf has it, is not 0, a worker does all
// phases of an image, which stays in its cache; else workers share an image. The
// result is the same.
func phased(images, n, blocks int, phases ...phase) []tensor.Task {
	if blocks == 1 || images > 0 {
		return []tensor.Task{{N: n, Do: func(i, worker int) {
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
			tensor.Task{N: n * blocks, Do: func(k, worker int) { p.block(k/blocks, k%blocks, worker) }},
			tensor.Task{N: 1, Do: func(_, _ int) {
				for i := range n {
					p.finish(i)
				}
			}})
	}
	return tasks
}

// blocksOf returns into how many blocks an image of n numbers is cut: of about
// 128 KiB, which stay in the second cache.
func blocksOf(n int) int { return max(1, n>>15) }

// evenAt returns where block i of count begins, into which n things are cut as evenly as can be: ⌊n·i/count⌋, for n·i may be beyond
// 32 bits.
func evenAt(n, i, count int) int { return int(int64(n) * int64(i) / int64(count)) }
