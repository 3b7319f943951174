package spdiff_test

import (
	"context"
	"fmt"
	"slices"

	"spdiff"
	"spdiff/group"
	"spdiff/tensor"
)

// A GAN of eight pixels across, trained for two steps; its latent turned by a quarter turns the image.
func ExampleTrainGAN() {
	c, err := spdiff.DefaultGANConfig("gan-digits")
	if err != nil {
		fmt.Println(err)
		return
	}
	n := &c.Network
	n.ImageHeight, n.ImageWidth, n.Classes, n.Seed, n.Generator, n.Critic = 8, 8, 0, 8, []int{16, 8}, []int{8, 16}
	c.Batch, c.Steps = 4, 2
	images := tensor.New(10, 8, 8, 1)
	tensor.NewStream(1, 1).Uniform(images.Data(), 0)
	m, err := spdiff.TrainGAN(context.Background(), c, spdiff.Images(images, nil), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	z := tensor.New(2, n.Latent) // twice the same noise
	x, err := m.Generate(context.Background(), z, []int{0, 1}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	turned := make([]float32, 64)
	group.C4.Act(turned, x.At(0).Data(), 1, 1, 8, 8, 1)
	fmt.Println("the image of the turned latent is the image turned, in every bit:", slices.Equal(turned, x.At(1).Data()))
	// Output: the image of the turned latent is the image turned, in every bit: true
}
