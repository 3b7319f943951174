// Package hdf5 reads arrays of HDF5 files piece by piece.
//
// Read are superblocks 0 to 3; groups as symbol tables and as links in an object header; arrays that are contiguous, compact or in
// chunks, whatever index h5py makes of these but a version 2 B-tree; the filters gzip, shuffle and fletcher32, whose sums are
// checked; whole numbers, enumerations of them, floating-point numbers of 32 and 64 bits, and texts of fixed and variable length.
// Attributes are passed over. All else is an error that says what it is and how to write the file again.
//
// A file is never in memory as a whole: rows are read when they are wanted, through 64 MiB of chunks that an array keeps. Nothing
// that a file claims is believed: what is read must lie in the file, trees must descend, an index or a group has no more entries than
// the file has room for, names have no more letters than twice their heap, the heaps of an array's texts that are read have 16 times
// the file's bytes at most, a chunk has at most 256 MiB and unpacks to no more than deflate can.
//
// The source is the HDF5 File Format Specification, version 3.0.
package hdf5
