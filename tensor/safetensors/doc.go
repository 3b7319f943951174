// Package safetensors reads and writes files of named tensors in the safetensors format: eight bytes with the length of a
// JSON header, the header, and the numbers, little-endian.
//
//	{"__metadata__": {"config": "…"},
//	 "out.2.weight": {"dtype": "F32", "shape": [1, 32, 3, 3], "data_offsets": [0, 1152]}}
//
// Reading trusts nothing. A header is at most 16 MiB and no longer than the file; names come once; every extent, product
// and offset is checked before memory is taken; the tensors must fill the rest of the file without gap or overlap, as the
// format demands. So memory stays below 4 times the size of the file (numbers of one byte become float32) and some 64 times
// that of the header. Errors name the file, the tensor and what is wrong with it.
//
// Writing is atomic: the file is written aside, synced and renamed, so a reader sees the old file or the new one whole. A
// sealed file ([WriteSealed], [ReadSealed]) carries the SHA-256 of all its bytes besides, so that one whose disk failed is known
// before it is believed.
package safetensors
