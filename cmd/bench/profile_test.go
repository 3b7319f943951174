package main

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"spdiff/nn"
	"spdiff/tensor"
)

// What is of float32 in a step of bf16 is held against float32's limit, and attention is said to be among all but products.
func TestWriteProfile(t *testing.T) {
	kinds := []kind{
		{name: "product 2×8×8×16", count: 2, time: 2 * time.Second, flops: 5e9, rounded: 4e9}, // 1 s and 1 s of it
		{name: "product.dw", count: 1, time: time.Second, flops: 4e9, rounded: 4e9},
		{name: "attention", count: 1, time: 2 * time.Second, flops: 1e9},
		{name: "attention.grad", count: 1, time: time.Second, flops: 1e9},
		{name: "groupnorm", count: 1, time: 4 * time.Second, bytes: 1e9},
	}
	var w bytes.Buffer
	writeProfile(&w, "a step", kinds, limit{flops: 1e9, rounded: 4e9, bytes: 1e9})
	lines := strings.Split(strings.TrimSpace(w.String()), "\n")
	for i, want := range []string{"limits 1 GFLOP/s, 4 in bf16, 1.0 GB/s", "arithmetic", "100%", "100%", "50%", "100%", "25%", "70.0%, of which attention 30.0%"} {
		if len(lines) <= i || !strings.Contains(lines[i], want) {
			t.Fatalf("line %d is not with %q:\n%s", i, want, w.String())
		}
	}
	w.Reset()
	writeProfile(&w, "a step", kinds[4:], limit{flops: 1e9, rounded: 4e9, bytes: 1e9})
	if s := w.String(); strings.Contains(s, "bf16") || strings.Contains(s, "attention") {
		t.Errorf("a step without either speaks of them:\n%s", s)
	}
}

// Of a network's products in bf16 those of the image's one channel stay float32, and so does all that is no product.
func TestProfileTellsPrecisions(t *testing.T) {
	c := nn.UNetConfig{ImageHeight: 8, ImageWidth: 8, In: 1, Out: 1, Width: 8, Mult: []int{1}, Blocks: 1, Head: 8, Groups: 4, Kernel: 3}
	for _, p := range tensor.Precisions() {
		kinds, err := forward(c, 2, p).profile(context.Background(), 1, false)
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range kinds {
			some, all := k.rounded > 0, k.rounded == k.flops
			if want := p == tensor.BF16 && (k.is("product") || k.is("attention")); some != want {
				t.Errorf("%v, %s: %d of %d operations are of bf16", p, k.name, k.rounded, k.flops)
			}
			if k.is("product") && all {
				t.Errorf("%v, %s: all operations are of bf16", p, k.name)
			}
		}
	}
}
