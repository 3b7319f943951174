// Package fit denoises images that do not have the size or the channels of a model, and returns them in their own. The model stays exact: an
// image turned and then denoised is the image denoised and then turned, to the last bit.
//
// An image smaller than the network is padded by its mirror images, as many pixels on one side as on the other, a square to a square,
// and the middle is cut out. One larger is the model's own matter, which covers it with tiles.
//
// A model of grey images denoises each colour of a coloured one, with the same noise; what is grey in three colours it denoises once,
// and it stays grey. One colour alone may have a symmetry that the image has not; for an exact model the image is therefore first
// turned into the orientation whose numbers come first in order, and back. A model that promises nothing sees it as it lies, and shows
// what it does. A model of colours is given grey in all three, and its mean is the result.
package fit
