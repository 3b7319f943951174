// Package picture reads and writes picture files. It reads them into rows of pixels of one channel (grey) or three (red, green, blue).
//
// The formats are PNG (1 to 16 bits, palettes), JPEG (any sampling that image/jpeg knows, progressive, CMYK), TIFF, BMP, GIF
// and still WebP; the first frame or page of those that have several. Of DICOM (package dicom, which writes it too) it is that frame as
// the file's first window shows it, or by the values that are asked for. The contents decide what a file is, not its name. All
// that they hold becomes 16 bits a channel, which loses nothing: 8 bits v become 257·v, palettes their colours. What is not
// opaque is laid over white. Colour becomes grey by 0.299 R + 0.587 G + 0.114 B (Rec. 601). An orientation in EXIF is
// honoured: a picture is as viewers show it. Colour profiles are ignored, as the pixels are what a network is to learn. A
// JPEG that has all its pixels and no end marker is read.
//
// ReadWhole keeps what such a reading leaves out, for a file of other pixels to have it: alpha, depth, orientation, profile, EXIF,
// resolution and words. Encode writes PNG, JPEG and TIFF, the pixels turned back into the file's own orientation, so that EXIF
// stays as it was, byte for byte. What is known of a format alone stays in that format; EXIF of a TIFF and tags that
// are not known here are not read, which Metadata.Left says.
//
// A file may claim any size. It is believed up to 1032 pixels a byte, the most that deflate can hold, or a million, and never
// above 64 million; a tile of a TIFF up to an eighth more than its picture, or a million. Reading takes at most 32 bytes for each of
// these, besides the file itself, of at most a gigabyte, and the memory in which package dicom unpacks a deflated one; and at most a
// minute, or until its context is done.
package picture
