// Package npy reads and writes numpy's files: .npy, one array, and .npz, a zip archive of several by name.
//
// Written are float32 arrays in C order, with the bytes that numpy.save writes. Read are arrays of numbers or truth values,
// little-endian and in C order, in versions 1, 2 and 3 of the format; what float32 cannot hold is rounded.
//
// Read and ReadArchive give whole arrays; Open gives a File, whose arrays are read piece by piece and may be larger than
// memory.
//
// WriteExact and ReadExact keep all bits of float64 and of integers, for sums that float32 cannot hold.
//
// Reading trusts nothing. A header is at most 64 KiB; its shape must take exactly the bytes that follow, which is checked
// before memory is taken; the arrays of an archive unpack to at most 64 times its size, or 16 MiB. So memory stays below 5
// times the size of a .npy file (numbers of one byte become float32), and 4 times what an archive may unpack to. Names in an
// archive are only names, never paths to write to. Errors name the file, the array and what is wrong with it.
//
// Writing is atomic: a reader sees the old file or the new one whole.
package npy
