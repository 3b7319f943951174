// Package nn has the U-Net, adversarial networks, the layers of both, what trains their parameters, and the files that hold them.
//
// A layer is a small value: parameters, and the fields that it maps from and to. A [Field] says on which [Grid] of pixels
// a feature map lives, which group acts on that grid, and how it acts on the channels. Construction checks that fields fit
// together; Apply makes the nodes of a graph (package autodiff) and computes nothing. All are a [Layer], and so are a [Chain] of
// them and the whole [UNet]; what a layer takes besides feature maps is in [Conditions].
//
// # Equivariance
//
// Over a group, every layer commutes with it to the last bit, f(g·x) = g·f(x) for all g: it is pointwise, or it sums in an
// order that the group maps to itself.
//
//	Conv2D       one weight for each orbit of taps; the inputs of an orbit are added first, by the group's tree
//	GroupNorm    means over pixels add each orbit of pixels by the tree, then the orbits in a fixed order
//	Attention    sums over pixels reduce over a fundamental domain, then over its images by the tree
//	ResBlock     halves grids by the mean of 2×2 pixels, doubles them by repetition; odd grids are refused
//
// Feature maps are scalar fields, and then a convolution can tell no orientation from another: its filters are symmetric. Or
// they are regular ones ([Regular]), with a plane of channels for each element, and filters of any shape:
//
//	Conv2D       chains plane by plane of the input, the taps in that plane's own order, then the tree over planes; planes that
//	             an involution exchanges go as sum and difference, which halves the multiply-adds: see tensor.GroupConv
//	GroupNorm    the planes of a channel are added by the tree after the pixels; planes share gains, biases and FiLM
//	Attention    each head is in one plane, and the group permutes heads
//
// Over the trivial group [group.C1] these are the plain layers, in plain order.
//
// # Adversarial networks
//
// [Generator] and [Discriminator] are those of SP-GAN (Birrell et al. 2022), of group convolutions on regular fields, whose layers
// are layers like the others: [SpectralConv2D], [BatchNorm], [ClassNorm], [ProjectionHead], pools over pixels and planes, and the
// symmetrisation of the latent. The generator commutes with the group, G(z, a·k) = a·G(z, k), and the discriminator is invariant,
// both to the last bit. [GANLoss] has their losses. What training changes besides parameters are buffers: see [Updates].
//
// # Parameters
//
// A [Param] has PyTorch's name and, in files, PyTorch's layout; in memory it has the layout of the products, and a tied
// kernel is stored once. [Weights] expands it for a file; [SetWeights] checks the tie, bit by bit. Files go to and from
// the U-Net of the ADM code, and so of the paper's, unchanged, if it has the Groups, Head and Kernel of [UNet.Config]; by default
// it has 32 groups and 3×3 taps.
//
// # Training
//
// An [Optimiser] moves parameters in place by AdamW or RAdam (see [Rule]), clips gradients by their common length, and keeps
// running means of the parameters; a [LearningRate] gives it the learning rate. What a step is made of has the same bits on every
// machine. Settings with which a network cannot be, or a training would be lost, are a [*ConfigError].
package nn
