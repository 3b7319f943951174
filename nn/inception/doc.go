// Package inception is the network whose features the Fréchet inception distance is defined by (Heusel et al., 2017): Inception v3 as
// trained by Google in 2015, in the form that pytorch-fid made of it, as far as its 2,048 means over the last feature maps ("pool3").
//
// # Weights
//
// The weights are not part of this module. [Load] reads them from a file: the published pt_inception-2015-12-05-6726825d.pth as
// PyTorch saved it, or a safetensors file with the same tensors. Batch normalisation, which is affine once trained, is folded into
// the convolutions. torchvision's weights for ImageNet have the same names and shapes and load as well, but they are other weights,
// and give other distances: the name of a network ends in the beginning of its file's SHA-256.
//
// # The network
//
// It is torchvision's inception_v3, without transform_input, but for three things: the means over 3×3 pixels in Mixed_5b to 5d, 6b
// to 6e and 7b do not count pixels off the image, Mixed_7c has a maximum in the place of the mean, and nothing comes after the mean
// over pixels.
//
// # Images
//
// FID is taken of images in files, whose numbers are bytes. So by default a number v in [−1, 1] is clamped and rounded to the nearest
// byte, b = round(127.5·(v + 1)), halves up: as this module's commands write images. Then as pytorch-fid does: 0 … 1, bilinear
// interpolation to 299×299 without smoothing, −1 … 1. Grey images have three equal channels. [Network.Unrounded] leaves out the bytes,
// which is smoother to look at while a model is trained, but not the number that papers print.
//
// # Exactness
//
// The features of an image have the same bits in any batch, for any number of workers and on every machine. They equal PyTorch's in
// double precision to 2·10⁻⁶ of the largest of them; PyTorch in single precision is as near.
package inception
