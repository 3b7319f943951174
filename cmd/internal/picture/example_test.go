package picture_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"

	"spdiff/cmd/internal/picture"
)

func Example() {
	pixels := image.NewGray(image.Rect(0, 0, 3, 2))
	pixels.SetGray(2, 1, color.Gray{Y: 255})
	var file bytes.Buffer
	if err := png.Encode(&file, pixels); err != nil {
		fmt.Println(err)
		return
	}
	m, err := picture.Decode(context.Background(), bytes.NewReader(file.Bytes()), int64(file.Len()), 1, picture.Range{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(picture.Size(m.H, m.W), m.Pix)
	// Output: 2 rows × 3 columns [0 0 0 0 0 65535]
}
