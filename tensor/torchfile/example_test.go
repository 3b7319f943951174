package torchfile_test

import (
	"fmt"

	"spdiff/tensor/torchfile"
)

func Example() {
	f, err := torchfile.Read("testdata/state.pt")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(f.Tensors[0].Name, f.Tensors[0].Value.Shape(), "of", len(f.Tensors), "tensors, at step", f.Metadata["step"])

	_, err = torchfile.Read("testdata/danger.pt")
	fmt.Println(err)
	// Output:
	// state_dict.0.weight 3×2×3×3 of 9 tensors, at step 1200
	// testdata/danger.pt: data.pkl: byte 13: it asks for "system" of Python's module "posix", which is not read, let alone run; if you trust the file, save what matters alone: torch.save(model.state_dict(), FILE)
}
