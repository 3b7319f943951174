// Package dicom reads medical images, and writes them again with other values.
//
// What is written is the file that was read: every element stays, byte for byte, but for the pixels and those that say what the
// image is (see File.WriteDerived). So the package needs no dictionary of elements: it reads the outermost ones, passes over
// sequences, and copies.
//
// Read are Implicit and Explicit VR Little Endian, deflated or not, RLE and JPEG baseline, grey or in colour, of 8 or 16 bits. The
// error for another transfer syntax, a *SyntaxError, has the command that converts the file. Values are whole numbers, as they are
// stored; Numbers and Values map them to what a network takes and back, without loss.
//
// Nothing that a file claims is believed. Lengths must lie within the bytes, sequences be at most 64 deep, elements be at most 65,536,
// and the fragments of a file of several frames at most 65,536 and one more for each 64 bytes of its pixels; a deflated data set may unpack to 64 times its size, or 16 MiB,
// and to 512 MiB at most; RLE to 64 times; and JPEG to 256 pixels a byte, or a million.
// Beside the file, Decode takes 17 MiB and three times the file at most, and four times what a deflated one may unpack to; Frame
// takes 16 bytes a sample.
//
// The standard is DICOM PS3, 2023: PS3.3 for images, PS3.5 for encodings, PS3.10 for files.
package dicom
