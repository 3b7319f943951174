// Package cells makes pictures of stained tissue: nuclei blue of haematoxylin, lymphocytes ringed in the brown of DAB, as
// immunohistochemistry shows CD3 and CD8. It is a model of a section, not of any patient.
//
// Tissue has a texture and holes, through which the light comes. Nuclei lie where there is room, each an ellipse with a direction and
// an outline of its own, darker at the rim; some are long and pale, of connective tissue. What is stained swallows light by
// the law of Beer and Lambert: the densities of the two stains at a pixel are added up and make its colour. The classes are
//
//	0  no cell is brown
//	1  a few are, two to five of them
//	2  an infiltrate: cells close to each other, most of them brown
//
// A section has no right way up. All places, offsets and directions are uniform, so that a picture is as likely as it is turned or
// mirrored: the law is invariant under D4.
//
// Picture i of a seed is a function of the two alone, and has the same bits on every machine: products are rounded before they are
// added, so that no machine fuses the two.
package cells

import "spdiff/tensor"

// Side is the width and height of a picture. A lymphocyte is some 10 pixels wide.
const Side = 64

// Classes is the number of classes.
const Classes = 3

// A Set is pictures 0 … Len()−1 of a seed, of all classes alike. It is a spdiff.Source.
type Set struct {
	seed uint64
	n    int
}

// New returns n pictures of a seed.
func New(seed uint64, n int) Set { return Set{seed, n} }

// Len returns the number of pictures.
func (s Set) Len() int { return s.n }

// Shape returns rows, columns and three channels.
func (s Set) Shape() (h, w, c int) { return Side, Side, 3 }

// String says what the set is.
func (s Set) String() string { return "generated cells" }

// Image draws picture i, red, green and blue in [−1, 1], and returns its class.
func (s Set) Image(dst []float32, i int) (class int, err error) {
	d := newDice(s.seed, i)
	class = d.class
	p := &picture{}
	p.tissue(d)
	for _, c := range d.population(class) {
		p.add(&c)
	}
	p.colour(dst)
	return class, nil
}

// Labelled reports that there are classes.
func (s Set) Labelled() bool { return true }

// Label returns the class of picture i, without drawing it.
func (s Set) Label(i int) int { return tensor.NewStream(s.seed, 2*uint64(i)).Intn(Classes, 1<<20) }

// NamesOfClasses returns how many of the cells are brown, in a word for each class.
func (s Set) NamesOfClasses() []string { return []string{"none", "few", "most"} }

// A picture is the densities of the stains at each pixel.
type picture struct {
	blue, brown [Side * Side]float64
	grain       [Side * Side]float64 // of the tissue, about 1
	patch       [Side * Side]float64 // of the brown, about 1
}
