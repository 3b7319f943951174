package spdiff

import "spdiff/nn/features"

// checkMemory returns a *MemoryError if there is no room for what is held at once: images, the products of their features, and the features
// that are kept.
func (c *Comparison) checkMemory() error {
	h, w, channels := c.shape()
	n := c.atOnce()
	need := float64(n) * float64(h) * float64(w) * float64(channels)
	if err := enough(need, "%d images of %d×%d pixels at a time", n, h, w); err != nil || !c.sets() {
		return err
	}
	d := c.Extractor.Dim()
	products, sets := c.products()
	need += products
	if err := enough(need, "the products of %d features of %v sets", max(d, c.inverseBy().Dim()), sets); err != nil {
		return err
	}
	rows := c.keptHere()
	return enough(need+float64(rows)*float64(d), "the features of %d images and samples, which Kernel and Cover keep (fewer samples take less)", rows)
}

// keptHere returns how many images and samples have their features kept in this part; those of the whole are joined in the end, the
// reference's and a seed's.
func (c *Comparison) keptHere() int {
	held := func(n int) int {
		from, to := c.share(n)
		return max(0, min(to, c.kept())-from)
	}
	n := held(c.references()) + c.Seeds*held(c.samples())
	if c.Of == 1 {
		n += 2 * c.kept()
	}
	return n
}

// atOnce returns how many images are held at once: a lot, its turned copy, and of samples whose nearest images are wanted three of each.
func (c *Comparison) atOnce() int {
	n := max(c.samples(), c.Restore)
	if c.sets() || c.Nearest > 0 {
		n = max(n, c.references())
	}
	return min(evaluated, n)*min(2, c.Group.Order()) + 3*c.Nearest
}

// products returns how many numbers of four bytes the products of features take, and of how many sets they are.
func (c *Comparison) products() (numbers, sets float64) {
	of := func(e features.Extractor) float64 {
		d := float64(e.Dim())
		return d * (d + 1) / 2 * 4 // numbers of each product
	}
	sets, turned := float64(c.Seeds)*float64(max(c.Folds, 1))+1, 0.0
	if c.Inverse {
		turned = float64(c.Seeds) * float64(c.Group.Order())
	}
	return sets*of(c.Extractor) + turned*of(c.inverseBy()), sets + turned
}
