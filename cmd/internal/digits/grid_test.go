package digits

import (
	"os"
	"testing"

	"spdiff/cmd/internal/grid"
)

// With SPDIFF_PICTURES=FOLDER the test leaves a grid of digits to look at.
func TestPicture(t *testing.T) {
	folder := os.Getenv("SPDIFF_PICTURES")
	if folder == "" {
		t.Skip("no picture: SPDIFF_PICTURES names no folder")
	}
	x := make([]float32, 120*Side*Side)
	for i := range 120 {
		New(0, 120).Image(x[i*Side*Side:(i+1)*Side*Side], i)
	}
	if err := grid.WriteRows(folder+"/digits.png", x, 10, 12, Side, Side, 1); err != nil {
		t.Fatal(err)
	}
}
