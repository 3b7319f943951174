package spdiff

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"spdiff/asm"
	"spdiff/group"
	"spdiff/tensor"
)

// rounded returns tiny in bf16.
func rounded(g group.Group, m Method) Config {
	c := tiny(g, m)
	c.Precision = BF16
	return c
}

// In bf16 too training and sampling have the same bits on every instruction set, with operands in pairs, and with any number of workers.
func TestRoundedBitsEverywhere(t *testing.T) {
	var first [2][]uint32
	check := func() {
		m := train(t, rounded(group.C4, WT))
		got := [2][]uint32{weights(m), sample(t, m, Sampling{N: 3, Reversal: Reversal{Steps: 4, Seed: 2}})}
		if first[0] == nil {
			first = got
		}
		for i, what := range []string{"weights", "samples"} {
			if !slices.Equal(got[i], first[i]) {
				t.Errorf("%s, %d workers: other %s", asm.ISA(), tensor.Workers(), what)
			}
		}
	}
	withEach(t, check)
	defer asm.SetISA(asm.ISA())
	if err := asm.SetISA("pairs"); err != nil {
		t.Fatal(err)
	}
	check()
}

// Six steps in bf16 have the bits of three, saved and loaded, and three more.
func TestRoundedResumeIsExact(t *testing.T) {
	c := rounded(group.C4, WT)
	m := interrupted(t, c)
	if !slices.Equal(weights(m), weights(train(t, c))) {
		t.Error("the interrupted training has other weights")
	}
	if p := m.Config().Precision; p != BF16 {
		t.Errorf("the resumed training was of precision %v", p)
	}
}

// Exact methods are exact in bf16: Δx₀ is 0, and it is not for a network of the same precision that is not equivariant.
func TestRoundedIsEquivariant(t *testing.T) {
	if testing.Short() {
		t.Skip("a minute without assembly")
	}
	for _, g := range []group.Group{group.C4, group.D4} {
		for _, method := range []Method{WT, GC, CF, OC, Plain} {
			c := rounded(g, method)
			if c.Rate.Rate = 1e-2; method == GC {
				c.Network.Width = 64 // planes that are deep enough for bf16
			}
			r, err := train(t, c).Residual(context.Background(), pictures(4, 8, 8), Denoising{Reversal: Reversal{Steps: 2, Classes: []int{1}}})
			if err != nil {
				t.Fatal(err)
			}
			if (r.Max == 0) != method.Exact() {
				t.Errorf("%v over %v: Δx₀ is %v", method, g, r.Mean)
			}
		}
	}
}

// A model is evaluated in its own precision, or in that which is asked for, whatever it was trained in.
func TestPrecisionOfAnEvaluation(t *testing.T) {
	c := rounded(group.C4, WT)
	c.Rate.Rate = 1e-2
	m := train(t, c)
	in := func(p Precision) []uint32 {
		return sample(t, m, Sampling{N: 2, Reversal: Reversal{Steps: 2, Precision: p}})
	}
	own, rounded, full := in(DefaultPrecision), in(BF16), in(Float32)
	if !slices.Equal(own, rounded) || slices.Equal(own, full) {
		t.Error("its own precision is not bf16, or float32 makes no difference")
	}
	if again := in(Float32); !slices.Equal(again, full) {
		t.Error("float32 beside bf16 has other bits")
	}
	x := pictures(2, 8, 8)
	loss := func(p Precision) float64 {
		l, err := m.Loss(context.Background(), x, Evaluation{Precision: p})
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	if loss(DefaultPrecision) != loss(BF16) || loss(BF16) == loss(Float32) {
		t.Error("the loss is not that of the precision")
	}
	var wrong *SettingError
	if _, err := m.Sample(context.Background(), Sampling{Reversal: Reversal{Precision: 7}}); !errors.As(err, &wrong) || !strings.Contains(err.Error(), "float32, bf16") {
		t.Errorf("a precision that there is not: %v", err)
	}
}

// Configurations say their precision where it is not float32, so that those of float32 are as they were.
func TestPrecisionInJSON(t *testing.T) {
	for p, want := range map[Precision]bool{DefaultPrecision: false, Float32: false, BF16: true} {
		c := tiny(group.C4, WT)
		c.Precision = p
		if got := strings.Contains(string(c.JSON()), `"precision": "bf16"`); got != want || strings.Contains(string(c.JSON()), "float32") {
			t.Errorf("%q: %s", p, c.JSON())
		}
		back, err := ParseConfig(c.JSON())
		if err != nil || back.Resolved().Precision != p.Or(Float32) {
			t.Errorf("%q comes back as %q, %v", p, back.Precision, err)
		}
	}
	_, err := ParseConfig([]byte(`{"precision": "fp8"}`))
	if err == nil || !strings.Contains(err.Error(), "float32, bf16") {
		t.Errorf("a precision that there is not: %v", err)
	}
	c := tiny(group.C4, WT)
	c.Precision = -1
	if err := c.Validate(); err == nil || !strings.Contains(err.Error(), "float32, bf16") {
		t.Errorf("a precision that there is not: %v", err)
	}
}

// A GAN trains and draws in bf16, exactly.
func TestRoundedGAN(t *testing.T) {
	c := tinyGAN(group.C4, SPGAN)
	c.Precision, c.Network.Generator = BF16, []int{32, 32, 32} // planes that are deep enough for bf16
	m := trainedGAN(t, c)
	if d := turning(t, m, group.C4); d != 0 {
		t.Errorf("turned latents give images that differ by %v", d)
	}
	own, err := m.Sample(context.Background(), Sampling{N: 2})
	if err != nil {
		t.Fatal(err)
	}
	full, err := m.Sample(context.Background(), Sampling{N: 2, Reversal: Reversal{Precision: Float32}})
	if err != nil || slices.Equal(bits(own.Data()), bits(full.Data())) {
		t.Errorf("float32 makes no difference (%v)", err)
	}
}
