package spdiff

import (
	"context"
	"errors"
	"math"
	"path/filepath"
	"slices"
	"testing"

	"spdiff/group"
	"spdiff/nn"
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

// The points of the divergence's penalty lie between an image and a generated one, each image's at a place of its own, uniform.
func TestPenaltyIsBetweenImages(t *testing.T) {
	c := tinyGAN(group.C4, SPGAN)
	c.Loss, c.Batch = nn.DivergenceLoss(), 200
	tr, err := NewGANTrainer(c, dots(20))
	if err != nil {
		t.Fatal(err)
	}
	p, mean := tr.judging, 0.0
	real, fake, mixed := p.workspace.Input(p.real), p.workspace.Input(p.fake), p.workspace.Input(p.mixed)
	for i := range real {
		real[i], fake[i] = 3, -1
	}
	seen := map[float32]bool{}
	for j := range c.Batch {
		tr.mix(j)
		image := mixed[j*144 : (j+1)*144]
		if slices.Max(image) != slices.Min(image) || image[0] < -1 || image[0] >= 3 {
			t.Fatalf("point %d is from %v to %v", j, slices.Min(image), slices.Max(image))
		}
		seen[image[0]] = true
		mean += float64(image[0]) / float64(c.Batch)
	}
	if len(seen) < c.Batch-2 || math.Abs(mean-1) > 0.3 {
		t.Errorf("%d places of %d, in the mean at %v", len(seen), c.Batch, mean)
	}
}
