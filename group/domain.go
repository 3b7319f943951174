package group

// Domain returns a fundamental domain of the h×w grid and its images: pixels[i][d] = Tree()[i]·p_d, where p₀ < p₁ < …
// are the smallest pixels of the orbits, and weight[d] = 1/|stabiliser of p_d|, an exact power of two. Summed over i and
// d with these weights, each pixel of the grid counts once.
//
// It serves long sums, such as a softmax over keys: reduce over d in order for each i alone, then combine the |G| partial
// results by the balanced tree over neighbours. A group element permutes the partial results as it permutes the leaves of
// the tree, so the sum has the same bits for an image x and every g·x.
//
// It panics with an [*ActionError] where [Group.Acts] returns one.
func (g Group) Domain(h, w int) (pixels [][]int32, weight []float32) {
	orbits := g.Pixels(h, w)
	for _, o := range orbits {
		weight = append(weight, float32(len(o))/float32(g.Order()))
	}
	for _, a := range g.table().tree {
		images := make([]int32, len(orbits))
		for d, o := range orbits {
			images[d] = int32(g.move(a, int(o[0]), h, w))
		}
		pixels = append(pixels, images)
	}
	return pixels, weight
}
