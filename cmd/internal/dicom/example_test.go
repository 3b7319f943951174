package dicom_test

import (
	"bytes"
	"context"
	"fmt"

	"spdiff/cmd/internal/dicom"
)

// An image goes through the numbers that a network takes, and back into a file that says what was done.
func Example() {
	f, err := dicom.Open("testdata/explicit_u12.dcm")
	if err != nil {
		fmt.Println(err)
		return
	}
	values, err := f.Frame(context.Background(), 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	x := make([]float32, len(values))
	f.Numbers(x, values, f.Range())
	x[0] = 1 // the network's work
	if err := f.Values(values, x, f.Range(), values); err != nil {
		fmt.Println(err)
		return
	}
	var b bytes.Buffer
	if err := f.WriteDerived(&b, [][]int32{values}, dicom.Derivation{Description: "denoised", ModelHash: "00c0ffee"}); err != nil {
		fmt.Println(err)
		return
	}
	z, err := dicom.Decode(b.Bytes())
	if err != nil {
		fmt.Println(err)
		return
	}
	values, err = z.Frame(context.Background(), 0)
	what, _ := z.Value(0x00080008)
	fmt.Printf("%s, %d bits, first values %v, %v\n", what, z.BitsStored, values[:3], err)
	// Output: DERIVED\PRIMARY\OTHER , 12 bits, first values [4095 31 62], <nil>
}
