package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"spdiff"
	"spdiff/nn"
	"spdiff/tensor/npy"
)

// ganModel trains a GAN for a step and returns its file.
func ganModel(t *testing.T) (*spdiff.GAN, string) {
	t.Helper()
	c, err := spdiff.DefaultGANConfig("gan-digits")
	if err != nil {
		t.Fatal(err)
	}
	c.Network = nn.GANConfig{ImageHeight: 8, ImageWidth: 8, Out: 1, Classes: 2, Latent: 3, Label: 2, Seed: 4, Generator: []int{8, 4}, Critic: []int{4, 8}}
	c.Batch, c.Steps, c.ClassNames = 2, 1, []string{"light", "dark"}
	m, err := spdiff.TrainGAN(context.Background(), c, flat{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "gan.safetensors")
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	return m, path
}

// A GAN's file is drawn from like a diffusion's, its classes by their names too, and what only a diffusion can do is refused with its reason.
func TestGAN(t *testing.T) {
	m, path := ganModel(t)
	out := filepath.Join(t.TempDir(), "x.npz")
	if err := run(context.Background(), []string{"-model", path, "-n", "3", "-seed", "5", "-class", "dark", "-out", out}); err != nil {
		t.Fatal(err)
	}
	want, err := m.Sample(context.Background(), spdiff.Sampling{N: 3, Reversal: spdiff.Reversal{Seed: 5, Classes: []int{1}}})
	if err != nil {
		t.Fatal(err)
	}
	got, err := npy.ReadArchive(out)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got["images"].Data(), want.Data()) {
		t.Error("the command draws other images than the library")
	}
	for _, flag := range [][]string{{"-steps", "20"}, {"-solver", "heun"}, {"-method", "oc"}, {"-trajectory", "t.png"}} {
		err := run(context.Background(), slices.Concat([]string{"-model", path, "-out", out}, flag))
		if err == nil || !strings.Contains(err.Error(), flag[0]) || !strings.Contains(err.Error(), "one evaluation") {
			t.Errorf("%v: the error is %v", flag, err)
		}
	}
	if _, err := os.Stat("t.png"); err == nil {
		t.Error("there is a trajectory")
	}
}
