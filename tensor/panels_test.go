package tensor

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
			for _, n := range []int{0, 1, 2, 13, 31} {
				checkRowPanels(t, n, depth, cols)
				checkColumnPanels(t, n, depth, cols)
			}
		}
	}
}

const panelGap = 3 // numbers between rows

func checkRowPanels(t *testing.T, n, depth, cols int) {
	m := NewPanels(depth, cols, Float32)
	w, weight := noise(depth*cols, 2), noise(depth, 4)
	weight[0] = 1
	packed := nans(m.Len())
	m.PackRows(packed, func(k int) float32 { return weight[k] }, func(k int) []float32 { return w[k*cols:] })
	checkProduct(t, "rows", m, n, packed, func(k, j int) float32 { return weight[k] * w[k*cols+j] })
}

func checkColumnPanels(t *testing.T, n, depth, cols int) {
	const a = 0.3
	m := NewPanels(depth, cols, Float32)
	w := noise(cols*depth, 3)
	packed := nans(m.Len())
	m.PackColumns(packed, a, func(j int) []float32 { return w[j*depth:] })
	checkProduct(t, "columns", m, n, packed, func(k, j int) float32 { return a * w[j*depth+k] })
}

// checkProduct compares n rows times the packed matrix with the elements w, and
// what lies between the rows of the result with what was there before.
func checkProduct(t *testing.T, what string, m *Panels, n int, packed []float32, w func(k, j int) float32) {
	t.Helper()
	if i := slices.IndexFunc(packed, func(v float32) bool { return v != v }); i >= 0 {
		t.Fatalf("packed %s, %d×%d: number %d is left as it was", what, m.rows, m.cols, i)
	}
	xRow, zRow := m.rows+panelGap, m.cols+panelGap
	x, z := noise(n*xRow, 1), nans(n*zRow)
	m.Multiply(z, zRow, x, xRow, n, packed)
	for i, got := range z {
		want, r, j := float32(math.NaN()), i/zRow, i%zRow
		if j < m.cols {
			want = 0
			for k := range m.rows {
				want = asm.FMA(x[r*xRow+k], w(k, j), want)
			}
		}
		if math.Float32bits(got) != math.Float32bits(want) {
			t.Fatalf("packed %s, %d×%d by %d columns: row %d, column %d is %v, want %v", what, n, m.rows, m.cols, r, j, got, want)
		}
	}
}

func nans(n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(math.NaN())
	}
	return x
}

// Few rows by several whole panels of bf16, which are one call a tile, are what the rows are one by one.
func TestRoundedPanels(t *testing.T) {
	onEachForm(t, func(t *testing.T) {
		_, wide, _ := asm.TileSizeBF16()
		for _, n := range []int{2, 3, 35} {
			const depth = 40
			cols := 5*wide + 1
			if n == 35 {
				cols = 60*wide + 1 // of more than a call takes, with AVX-512
			}
			m := NewPanels(depth, cols, BF16)
			packed, x, w := nans(m.Len()), noise(n*depth, 1), noise(depth*cols, 2)
			m.PackRows(packed, func(int) float32 { return 1 }, func(k int) []float32 { return w[k*cols:] })
			zRow := cols + panelGap
			z := nans(n * zRow)
			m.Multiply(z, zRow, x, depth, n, packed)
			column := make([]float32, depth)
			for i, got := range z {
				want, r, j := float32(math.NaN()), i/zRow, i%zRow
				if j < cols {
					for k := range column {
						column[k] = w[k*cols+j]
					}
					want = slowSteps(0, x[r*depth:(r+1)*depth], column)
				}
				if math.Float32bits(got) != math.Float32bits(want) {
					t.Fatalf("%d rows: row %d, column %d is %v, want %v", n, r, j, got, want)
				}
			}
		}
	})
}
