// Package group has the finite groups of symmetries that act on grids of pixels, as tables.
//
// A [Group] is a value. Its elements are the numbers 0 … Order()−1, 0 the identity; each is a 2×2 integer matrix acting
// on the plane about the centre of the grid, and everything else (products, inverses, permutations of pixels, orbits) is
// computed from those matrices.
//
//	C1   the identity alone: a network over C1 is a plain one
//	H    the left-right mirror                  V    the top-bottom mirror
//	C2   the half turn                          D2   both mirrors and the half turn
//	C4   the quarter turns                      D4   the quarter turns and all mirrors
//
// Conventions. The action is from the left, (a·x)[a·p] = x[p], so that (ab)·x = a·(b·x). Element r is the quarter turn
// that the eye sees as counter-clockwise (row numbers grow downwards), as in numpy's rot90. In a name the right factor
// acts first: sr turns, then mirrors.
//
// # Sums that are invariant to the last bit
//
// Floating-point addition commutes but does not associate. Say v holds a number for each element, and an element h moves
// them: v'[g] = v[h⁻¹g]. The sum of v' has the bits of the sum of v exactly when h maps the tree of additions to itself up
// to exchanging the two operands of additions. All our groups have a chain of normal subgroups, each of index 2 in the
// next,
//
//	{e} < {e, r²} < C4 < D4
//
// and the balanced tree whose pairs are the cosets of the second, whose pairs of pairs are those of the third, and so on,
// is such a tree: multiplication carries cosets to cosets. [Group.Tree] lists the elements in the order of its leaves
// (e, r², r, r³, s, …); neighbours are added first: ((0+1)+(2+3))+((4+5)+(6+7)). The plain order e, r, r², r³ has no such
// property: under C4 it changes the last bits of 39 % of sums of four random numbers.
//
// [Group.Pixels], [Group.Taps] and [Group.Domain] apply the same tree to the pixels of an image, the taps of a
// convolution kernel, and to long sums over an image. [Check] measures for any function what these guarantee. A [Frame] tells
// which way up an image is, with the same exactness.
package group
