package spdiff_test

import (
	"fmt"
	"os"

	"spdiff"
)

// A training that saves itself, and goes on in another process: here, from the state of step 3 to step 5.
func ExampleResumeLast() {
	folder, _ := os.MkdirTemp("", "")
	defer os.RemoveAll(folder)
	t, err := spdiff.NewTrainer(small(), stripes{})
	for err == nil && t.Steps() < 3 {
		if _, err = t.Step(); err == nil {
			err = t.Checkpoint(folder)
		}
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	t.Wait()

	t, damaged, err := spdiff.ResumeLast(folder, stripes{}, 5)
	for _, d := range damaged {
		fmt.Println("passed over:", d)
	}
	for err == nil && t.Steps() < 5 {
		_, err = t.Step()
	}
	saved, _ := spdiff.Checkpoints(folder)
	fmt.Println(t.Steps(), "steps,", len(saved), "states,", err)
	// Output: 5 steps, 2 states, <nil>
}
