package spdiff

import (
	"context"
	"errors"
	"math"
	"path/filepath"
	"slices"
	"testing"

	"spdiff/group"
	"spdiff/tensor"
)

// Elements are uniform and independent of the noise, in a training and when images are drawn, so that the law of the images is
// invariant: each is as often as others among the images whose noise begins with a positive number, and among the rest.
func TestLatentElementsAreUniform(t *testing.T) {
	const n = 4000
	for _, g := range []group.Group{group.H, group.C4, group.D4} {
		for name, at := range map[string]func(k uint64) (noise, pose tensor.Stream){
			"trained": func(k uint64) (noise, pose tensor.Stream) { return latents.stream(5, k), poses.stream(5, k) },
			"drawn":   func(k uint64) (noise, pose tensor.Stream) { return tensor.NewStream(5, k), posed.stream(5, k) },
		} {
			counts := [2][]int{make([]int, g.Order()), make([]int, g.Order())}
			l := latent{length: 1, z: make([]float32, 1), element: make([]float32, 1)}
			for k := range uint64(n) {
				noise, pose := at(k)
				l.draw(0, noise, pose, g.Order())
				half := 0
				if l.z[0] > 0 {
					half = 1
				}
				counts[half][int(l.element[0])]++
			}
			share := n / 2 / g.Order()
			if all := slices.Concat(counts[0], counts[1]); slices.Min(all) < share*4/5 || slices.Max(all) > share*6/5 {
				t.Errorf("%v, %s: the elements occur %v times where the noise is negative, %v where not", g, name, counts[0], counts[1])
			}
		}
	}
}

// Image k of a seed is that of the seed's noise k and of a random element: what Generate makes of them.
func TestSampleIsGenerateOfItsLatents(t *testing.T) {
	m := trainedGAN(t, tinyGAN(group.C4, SPGAN))
	const n, seed = 12, 7
	z, elements, classes := tensor.New(n, 5), make([]int, n), make([]int, n)
	for k := range n {
		tensor.NewStream(seed, uint64(k)).Normal(z.At(k).Data(), 0)
		elements[k], classes[k] = posed.stream(seed, uint64(k)).Intn(4, 0), k%3
	}
	want, err := m.Generate(context.Background(), z, elements, classes)
	if err != nil {
		t.Fatal(err)
	}
	got, err := m.Sample(context.Background(), Sampling{N: n, Reversal: Reversal{Seed: seed}})
	if err != nil || !slices.Equal(got.Data(), want.Data()) {
		t.Errorf("the samples are others (%v)", err)
	}
	if slices.Max(elements) == slices.Min(elements) {
		t.Error("one element, which tests nothing")
	}
}

// A training that looks as if it had collapsed saves nothing, so that the state before stays the last; one that recovers saves again.
func TestCollapsedIsNotSaved(t *testing.T) {
	tr, err := NewGANTrainer(tinyGAN(group.C4, SPGAN), dots(20))
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Wait()
	folder := t.TempDir()
	if err := tr.Checkpoint(folder); err != nil {
		t.Fatal(err)
	}
	if _, err := tr.Step(); err != nil {
		t.Fatal(err)
	}
	recovered := tr.watch
	for range suspectSteps {
		tr.watch.see(Step{Number: 1, Loss: 1, Norm: math.SmallestNonzeroFloat32})
	}
	var collapsed *CollapsedError
	if err := tr.Checkpoint(folder); !errors.As(err, &collapsed) || collapsed.Since != suspectSteps {
		t.Errorf("it saves: %v", err)
	}
	if there, err := Checkpoints(folder); err != nil || len(there) != 1 || filepath.Base(there[0]) != "state-000000000.safetensors" {
		t.Errorf("there is %v, %v", there, err)
	}
	tr.watch = recovered
	if err := tr.Checkpoint(folder); err != nil {
		t.Error(err)
	}
}
