// Package pixelcsv reads images from a table of text, as Kaggle has MNIST and its like: a row an image, a column a pixel, whole numbers
// from 0 to 255 between commas, and a column of labels.
//
// The table may have a head: a row with a field that is neither a number nor empty, or one that counts from 0, as pandas does, before
// others. The labels are the column that the head names so, or the first if the others make up a square; if all do, there are none.
// Three times a square is red, green and blue of one pixel after the other. Pixels are kept as bytes, so a set takes less than half the
// memory of its text.
package pixelcsv
