package autodiff

import (
	"math"
	"slices"
	"testing"

	"spdiff/asm"
)

// Products with packed matrices of all sorts of sizes are chains of fused
// multiply-adds, whatever the tiles.
func TestPanels(t *testing.T) {
	_, wide, narrow := asm.TileSize()
	for _, cols := range []int{1, narrow, narrow + 1, wide, wide + 1, 2*wide + narrow} {
		for _, depth := range []int{1, 5, 33} {
			for _, n := range []int{1, 2, 13, 31} {
				checkRowPanels(t, n, depth, cols)
				checkColumnPanels(t, n, depth, cols)
			}
		}
	}
}

const panelGap = 3 // numbers between rows

func checkRowPanels(t *testing.T, n, depth, cols int) {
	m := newPanels(depth, cols)
	w, list, weight := normalNoise(depth*(cols+panelGap), 2), shuffled(depth), normalNoise(depth, 4)
	packed := nans(m.len())
	m.packRows(packed, w, cols+panelGap, list, weight)
	checkProduct(t, "rows", m, n, packed, func(k, j int) float32 {
		return weight[k] * w[int(list[k])*(cols+panelGap)+j]
	})
}

func checkColumnPanels(t *testing.T, n, depth, cols int) {
	const a = 0.3
	m := newPanels(depth, cols)
	w, list := normalNoise(cols*(depth+panelGap), 3), shuffled(cols)
	packed := nans(m.len())
	m.packColumns(packed, w, depth+panelGap, list, a)
	checkProduct(t, "columns", m, n, packed, func(k, j int) float32 {
		return a * w[int(list[j])*(depth+panelGap)+k]
	})
}

// checkProduct compares n rows times the packed matrix with the elements w, and
// what lies between the rows of the result with what was there before.
func checkProduct(t *testing.T, what string, m *panels, n int, packed []float32, w func(k, j int) float32) {
	t.Helper()
	if i := slices.IndexFunc(packed, func(v float32) bool { return v != v }); i >= 0 {
		t.Fatalf("packed %s, %d×%d: number %d is left as it was", what, m.depth, m.cols, i)
	}
	xRow, zRow := m.depth+panelGap, m.cols+panelGap
	x, z := normalNoise(n*xRow, 1), nans(n*zRow)
	m.multiply(z, zRow, x, xRow, n, packed)
	for i, got := range z {
		want, r, j := nan, i/zRow, i%zRow
		if j < m.cols {
			want = 0
			for k := range m.depth {
				want = asm.FMA(x[r*xRow+k], w(k, j), want)
			}
		}
		if math.Float32bits(got) != math.Float32bits(want) {
			t.Fatalf("packed %s, %d×%d by %d columns: row %d, column %d is %v, want %v", what, n, m.depth, m.cols, r, j, got, want)
		}
	}
}

// shuffled returns the numbers below n in another order.
func shuffled(n int) []int32 {
	list := make([]int32, n)
	for i := range list {
		list[i] = int32((i + n/3) % n)
	}
	return list
}

func nans(n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = nan
	}
	return x
}
