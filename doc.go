// Package spdiff trains and samples structure-preserving diffusion models: generative models of images whose symmetry under
// a group (mirrors, quarter turns, both) is exact to the last bit, in pure Go.
//
//	your images ──▶ Source ──▶ Train ──▶ Model ──▶ Sample, Denoise
//
// A [Config] says what is trained: the network, the group and the method that ties the network to it, the process, the
// optimiser. A [Source] has the images. [Train] makes a [Model] of them, [Load] reads one from a file, and [Model.Sample]
// draws images. Image k of a seed is the same image, bit for bit, whatever the batch that it is drawn in, the number of
// threads, and the instruction set; and training for n steps gives the same bits as training for k, saving, loading, and
// training for n − k.
//
// [TrainGAN] trains the baseline, SP-GAN, in the same way: a [GAN] draws images in one evaluation, and both are a [Generator].
//
// The method is that of Lu, Szabados and Yu, "Structure Preserving Diffusion Models" (arXiv 2402.19369). The packages below
// this one can be used alone: group (symmetries), tensor (arrays, convolutions), autodiff (graphs and gradients), nn
// (layers, optimisers), sde (processes and solvers).
//
// Errors have types: *[ConfigError] for the settings of a training, *[SourceError] for its images, *[SettingError] for settings of
// a call, *[ImageError] for its images, *[ComparisonError] for an evaluation, *[MemoryError] for what does not fit into memory (elsewhere
// than on Linux, for absurd sizes alone). All are found before work begins, except that a class unknown to the network in training is
// found when its image is read. Panics are documented where they can occur; in addition, methods of zero Trainers and Models panic, and
// so does nil in place of a context; nil in place of a tensor is an error where a function returns errors, and a panic of [Images], [ToImage] and
// [Degrade].
//
// The package prints nothing (to follow its work, see [WithLogger]), starts nothing when imported, and reads no environment variable
// but SPDIFF_ISA, which chooses the instruction set (see package asm).
package spdiff
