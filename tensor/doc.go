// Package tensor has dense float32 arrays and what runs on them: the process's pool of workers, convolutions and matrix
// products, and streams of random numbers.
//
// A [Tensor] is a shape and a slice of numbers in row-major order; images are N×H×W×C, so that a pixel is a contiguous
// vector of channels. Work is a [Task], n independent pieces, cut by shape and not by the number of workers; [Run]
// does the pieces in parallel. As shapes alone say how a sum is split, the result has the same bits for any number of
// workers. A [Conv] describes a convolution, and binds it to slices as Tasks. A [Stream] is a function from an index to a
// random number, so the noise of an image does not depend on its batch.
//
// # Words
//
// A tile is some pixels by some columns, what [asm.Tile] keeps in registers; a run is tiles of one shape at equal distances; a panel
// is the weights of a tile's columns, packed. A region is the pixels of an output that see the same taps, a unit a box of one in one
// panel: a piece of a convolution. A part of a weight gradient is the pixels that are summed by themselves. A plane is the channels of
// one element of a group.
package tensor
