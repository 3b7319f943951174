package spdiff_test

import (
	"context"
	"fmt"
	"os"

	"spdiff"
)

// A training that saves itself, and goes on in another process: here, from the state of step 3 to step 5.
func ExampleResumeLast() {
	folder, _ := os.MkdirTemp("", "")
	defer os.RemoveAll(folder)
	ctx := context.Background()
	t, err := spdiff.NewTrainer(small(), stripes{})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := t.Run(ctx, func(spdiff.Step) error { return t.Checkpoint(folder) }); err != nil {
		fmt.Println(err)
		return
	}

	t, damaged, err := spdiff.ResumeLast(folder, stripes{}, 5)
	for _, d := range damaged {
		fmt.Println("passed over:", d)
	}
	if err == nil {
		err = t.Run(ctx, nil)
	}
	saved, _ := spdiff.Checkpoints(folder)
	fmt.Println(t.Steps(), "steps,", len(saved), "states,", err)
	// Output: 5 steps, 2 states, <nil>
}
