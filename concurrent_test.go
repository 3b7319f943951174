package spdiff

import (
	"context"
	"slices"
	"sync"
	"testing"

	"spdiff/group"
)

// A model draws for several goroutines at once, while another is trained, and each gets what it would get alone. Under the
// race detector this is the test of all that the goroutines share: the weights, the pool of workers, the scratch.
func TestConcurrent(t *testing.T) {
	m := train(t, tiny(group.C4, WT))
	seeds := []uint64{1, 2, 3, 4, 5, 6, 7, 8}
	want := make([][]uint32, len(seeds))
	for i, seed := range seeds {
		want[i] = sample(t, m, Sampling{N: 2, Reversal: Reversal{Steps: 10, Seed: seed}})
	}
	before := weights(m)

	var wg sync.WaitGroup
	for i, seed := range seeds {
		wg.Go(func() {
			z, err := m.Sample(context.Background(), Sampling{N: 2, Reversal: Reversal{Steps: 10, Seed: seed}})
			if err != nil {
				t.Error(err)
			} else if !slices.Equal(bits(z.Data()), want[i]) {
				t.Errorf("seed %d gives other images beside others", seed)
			}
		})
	}
	wg.Go(func() {
		other, err := Train(context.Background(), tiny(group.C4, WT), blobs{10, 8}, nil)
		if err != nil {
			t.Error(err)
		} else if !slices.Equal(weights(other), before) {
			t.Error("training gives other weights beside others")
		}
	})
	wg.Wait()
}
