package spdiff

import (
	"encoding/binary"
	"hash/fnv"
	"testing"

	"spdiff/asm"
	"spdiff/group"
	"spdiff/nn"
)

// A training and its samples have the same bits on every machine and in every build: hashes that were found on amd64. A
// compiler that fuses where it must not, or a function of the machine's own, on the way from the configuration to the last
// pixel would change them. So does a change of what a training is: then, and if all builds agree, the hashes are to be
// replaced.
func TestBitsOfEveryMachine(t *testing.T) {
	decay := tiny(group.D4, WT)
	decay.Optimiser.Rule, decay.Rate = nn.AdamW(), nn.LearningRate{Rate: 1e-3, Warmup: 2, Total: 9, Floor: 0.1}
	linear := tiny(group.H, Plain)
	linear.Schedule, linear.Predict = Linear, Noise
	conditioned := tiny(group.D2, RegOC)
	conditioned.Condition = true
	moved := tiny(group.C4, WT)
	moved.DropClass, moved.Augmentation = 0.3, 0.4
	wide := rounded(group.D4, GC)
	wide.Network.Width = 64
	framed := rounded(group.C4, CF)
	framed.DropClass, framed.Augmentation = 0.3, 0.4
	told := rounded(group.H, Plain)
	told.Condition = true
	checkGolden(t, []golden{
		{"RAdam, cosine process, x0", tiny(group.C4, WT), 0xe31dc7b485b7ec82, 0xd0dcdbd7f44e7492},
		{"AdamW with decay of weights and rate", decay, 0x282357f05213e31f, 0x9daea6e16a9bc5c},
		{"averaged, regularised, conditioned", conditioned, 0xd057a89b5cb17f7e, 0x972223c4e5b3bace},
		{"regular features", tiny(group.D4, GC), 0x1637dbd1de65b08f, 0xe80f048cf3acfaa3},
		{"canonical frames", tiny(group.C4, CF), 0xb4868647237c0478, 0xeed7b0409fccce0a},
		{"classes withheld, images moved", moved, 0x5bca142b716c8a1f, 0xcafbe8706ebcd7d8},
		{"bf16, regular features of eight planes", wide, 0xdd1799f4537d207a, 0x911ab4524f66c022},
		{"bf16, canonical frames, classes withheld, images moved", framed, 0x7f8572c74890c3e4, 0x2a0e154f973a5984},
		{"bf16, plain, conditioned", told, 0xe520315b1bcce229, 0xee55a21ede7805de},
		{"linear process, eps", linear, 0xf0eb4c7c2b031164, 0xec085d8daf87d46f},
	})
}

// The same of bf16, so small that it can be run where AMX is emulated.
func TestRoundedBitsOfEveryMachine(t *testing.T) {
	planes := rounded(group.H, GC)
	planes.Network.Width = 16
	checkGolden(t, []golden{
		{"tied kernels", rounded(group.C4, WT), 0x3ba88159502309e3, 0x92a9dfa479c057},
		{"averaged, regularised", rounded(group.H, RegOC), 0x5a03a9324246272, 0xc255f1f68b72d6c6},
		{"regular features of two planes", planes, 0xfbb3dddeae82aa0c, 0x776e93221269d6a6},
	})
}

// A golden is the hashes of a training's weights and of its samples.
type golden struct {
	name             string
	config           Config
	weights, samples uint64
}

func checkGolden(t *testing.T, all []golden) {
	if err := asm.ISAError(); err != nil {
		t.Fatal(err) // what is asked for would not be what is tested
	}
	for _, c := range all {
		t.Run(c.name, func(t *testing.T) {
			m := train(t, c.config)
			if got := hash(weights(m)); got != c.weights {
				t.Errorf("the hash of the weights is %#x, want %#x", got, c.weights)
			}
			if got := hash(sample(t, m, Sampling{N: 2, Reversal: Reversal{Steps: 3}})); got != c.samples {
				t.Errorf("the hash of the samples is %#x, want %#x", got, c.samples)
			}
		})
	}
}

func hash(bits []uint32) uint64 {
	h := fnv.New64a()
	binary.Write(h, binary.LittleEndian, bits)
	return h.Sum64()
}
