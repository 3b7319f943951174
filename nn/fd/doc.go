// Package fd is feature networks of our own, which come with the program: of digits, 28×28 grey ([Digits]), and of stained cells,
// 64×64 colour ([Cells]). Fréchet distances (tensor/metrics) of their features are named FD-digits and FD-cells. Inception's
// features, of FID, are of photographs; these are of the images that this module's models draw, and need no file from elsewhere.
//
// # The group
//
// Features are invariant by construction, to the last bit: f(g·x) = f(x) for each g of C4 (digits), of D4 (cells). All layers map
// regular features (Cohen and Welling, 2016; package nn), and the last ones are summed over pixels and over the group by the one
// tree of this module. So a set of images and the same images turned are the same set. C4 has no mirror images: a digit and its mirror
// image have features of their own.
//
// That mean over the group also hides which way a set lies. [OrientedDigits] and [OrientedCells] are the same networks before it: moving an
// image permutes their features. Distances between a set and its turned copies (Inv-FID) are of these.
//
// # Digits
//
// The features are the last hidden layer of a classifier of MNIST's digits. A second head, not summed over the group, says how a digit
// is turned.
//
// # Cells
//
// The features are the last hidden layer of the encoder of an autoencoder, as in the experiments of SP-GAN (Birrell et al., 2022): a
// code of 8×8 places with a number for each element of the group, of which a decoder makes the image again. It was trained on
// generated cells, so that its weights are nobody's data. The means of
// the layer are whitened, so that a distance is in units of how much images of one law differ.
//
// # Weights
//
// [TrainDigits] and [TrainCells] make the weights that are here, with the same bits on every machine and for any number of threads;
// the name of a network ends in the beginning of their SHA-256.
package fd
