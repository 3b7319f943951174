// Package warp moves images at random: mirrors, scales, rotations, stretches and shifts, with what was done said in nine numbers,
// which are zeros if nothing was.
//
// It is the geometric part of EDM's augmentation that does not leak (Karras, Aittala, Aila and Laine, "Elucidating the Design Space
// of Diffusion-Based Generative Models", 2022, appendix F.2): a network that is told the numbers learns the images as they are from
// images that were moved. Every bit is a function of the random numbers alone, the same on every machine.
package warp
