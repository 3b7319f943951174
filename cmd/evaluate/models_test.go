package main

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"spdiff"
	"spdiff/cmd/internal/cli"
	"spdiff/group"
	"spdiff/nn"
)

// What a model is measured as, where that is not as it was trained, changes the numbers and is said; what cannot be is an error.
func TestOtherwise(t *testing.T) {
	c := spdiff.Config{
		Group: group.C4, Method: spdiff.Plain, Batch: 2, Steps: 3, DropClass: 0.5, Seed: 3,
		Network:   nn.UNetConfig{ImageHeight: 8, ImageWidth: 8, In: 1, Out: 1, Width: 8, Mult: []int{1}, Blocks: 1, Head: 8, Groups: 4, Kernel: 3, Classes: 2},
		Optimiser: nn.OptimiserConfig{Rule: nn.AdamW(), Averages: []nn.Average{{}}}, Rate: nn.LearningRate{Rate: 0.1},
	}
	m, err := spdiff.Train(t.Context(), c, noisy{1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	path, good, without := filepath.Join(t.TempDir(), "m.safetensors"), labelled(t, 1), archive(t, 1, false)
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	base := []string{"-model", path, "-reference", good, "-n", "4", "-steps", "2", "-measure", "fd,delta_x0", "-restore", "2", "-jackknife", "0"}
	plain := measured(t, base...)
	oc := measured(t, append(base, "-method", "oc")...)
	guided := measured(t, append(base, "-guidance", "2")...)
	if oc["delta_x0"] != 0.0 || plain["delta_x0"] == 0.0 || !strings.Contains(oc["reference"].(string), "as oc") {
		t.Errorf("as trained %v, as oc %v", plain, oc)
	}
	if guided["fd"] == plain["fd"] || !strings.Contains(guided["reference"].(string), "guidance 2") {
		t.Errorf("without guidance %v, with %v", plain, guided)
	}
	var usage *cli.UsageError
	if err := run(t.Context(), append(base, "-method", "gc")); !errors.As(err, &usage) || !strings.Contains(err.Error(), "-method gc") {
		t.Errorf("-method gc: %v", err)
	}
	if err := run(t.Context(), append(base, "-reference", without)); !errors.As(err, &usage) || !strings.Contains(err.Error(), "have no labels") {
		t.Errorf("denoising images of nobody knows which class: %v", err)
	}
	measured(t, append(base, "-reference", without, "-guidance", "-1")...)
}

// A GAN is measured as a diffusion is, in one evaluation.
func TestGAN(t *testing.T) {
	c, err := spdiff.DefaultGANConfig("gan-digits")
	if err != nil {
		t.Fatal(err)
	}
	c.Network = nn.GANConfig{ImageHeight: 8, ImageWidth: 8, Out: 1, Classes: 2, Latent: 3, Label: 2, Seed: 4, Generator: []int{8, 4}, Critic: []int{4, 8}}
	c.Batch, c.Steps = 2, 1
	m, err := spdiff.TrainGAN(t.Context(), c, noisy{1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	path, good := filepath.Join(t.TempDir(), "gan.safetensors"), archive(t, 1, false)
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	base := []string{"-model", path, "-reference", good, "-n", "4"}
	if got := measured(t, base...); got["fd"] == 0.0 || got["inv_fd"] == nil || !strings.Contains(got["reference"].(string), ", one evaluation, seed 1") {
		t.Errorf("%v", got)
	}
	var usage *cli.UsageError
	for _, flags := range [][]string{{"-method", "oc"}, {"-solver", "heun"}, {"-steps", "50"}, {"-eta", "0"}, {"-guidance", "1"}, {"-start", "0.5", "-measure", "fd,psnr"}} {
		if err := run(t.Context(), append(base, flags...)); !errors.As(err, &usage) || !strings.Contains(err.Error(), "GAN") {
			t.Errorf("%v of a GAN: %v", flags, err)
		}
	}
}
