// Package npy reads and writes numpy's files: .npy, one array, and .npz, a zip archive of several.
//
// Written are float32 arrays in C order, which numpy.load reads. Read are arrays of floating-point numbers, integers and
// bytes, little-endian and in C order, converted to float32. Reading trusts nothing: headers are at most 64 KiB, shapes are
// checked against overflow, and memory grows as numbers arrive and not as a header claims; an archive may unpack to at most
// 1 GiB an array, and names in it are only names, never paths to write to.
package npy
