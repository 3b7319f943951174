package cells

import (
	"os"
	"testing"

	"spdiff/cmd/internal/grid"
)

// With SPDIFF_PICTURES=FOLDER the test leaves a grid of cells to look at, a class a row.
func TestPicture(t *testing.T) {
	folder := os.Getenv("SPDIFF_PICTURES")
	if folder == "" {
		t.Skip("no picture: SPDIFF_PICTURES names no folder")
	}
	const columns = 10
	x := make([]float32, Classes*columns*size)
	var have [Classes]int
	for i, done := 0, 0; done < Classes*columns; i++ {
		var one [size]float32
		class, _ := New(0, 1).Image(one[:], i)
		if have[class] < columns {
			copy(x[(class*columns+have[class])*size:], one[:])
			have[class]++
			done++
		}
	}
	if err := grid.WriteRows(folder+"/cells.png", x, Classes, columns, Side, Side, 3); err != nil {
		t.Fatal(err)
	}
}
