package train

import (
	"flag"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"spdiff"
	"spdiff/group"
	"spdiff/nn"
)

// ofRun are the flags of a run and of its images, and kinds those that diffusions have not.
var (
	ofRun = strings.Fields("data limit minutes save samples guidance evaluate inception keep threads out resume new-data model check n")
	kinds = strings.Fields("gan loss")
)

// reach fails unless the flags of each row, given after the first ones, change what the row does in a configuration, and nothing else. It
// returns the names of the flags that have a row.
func reach[C interface{ JSON() []byte }](t *testing.T, first string, config func(o *options) (C, error), rows map[string]func(c *C)) (names []string) {
	t.Helper()
	of := func(args string) C {
		t.Helper()
		o, err := parse(strings.Fields(args))
		if err != nil {
			t.Fatalf("%s: %v", args, err)
		}
		c, err := config(o)
		if err != nil {
			t.Fatalf("%s: %v", args, err)
		}
		return c
	}
	for args, change := range rows {
		want := of(first)
		change(&want)
		if diff := cmp.Diff(string(want.JSON()), string(of(first+" "+args).JSON())); diff != "" {
			t.Errorf("%s (-said +configured):\n%s", args, diff)
		}
		for word := range strings.FieldsSeq(args) {
			if name, ok := strings.CutPrefix(word, "-"); ok {
				name, _, _ = strings.Cut(name, "=")
				names = append(names, name)
			}
		}
	}
	return names
}

// Each flag of a diffusion changes the setting that it names, and no other; all that are not of a run have a row.
func TestFlagsAreSettings(t *testing.T) {
	tested := reach(t, "", func(o *options) (spdiff.Config, error) { return o.config(28, 28, 1) }, map[string]func(c *spdiff.Config){
		"-predict eps":                 func(c *spdiff.Config) { c.Predict = spdiff.Noise },
		"-weight score":                func(c *spdiff.Config) { c.Weight = spdiff.ScoreError },
		"-times uniform":               func(c *spdiff.Config) { c.Times = spdiff.UniformTimes },
		"-schedule nichol":             func(c *spdiff.Config) { c.Schedule = spdiff.Nichol },
		"-seed 7":                      func(c *spdiff.Config) { c.Seed = 7 },
		"-precision bf16":              func(c *spdiff.Config) { c.Precision = spdiff.BF16 },
		"-condition":                   func(c *spdiff.Config) { c.Condition = true },
		"-rotate=false":                func(c *spdiff.Config) { c.Rotate = false },
		"-augment":                     func(c *spdiff.Config) { c.Augment = spdiff.On },
		"-augment=false":               func(c *spdiff.Config) { c.Augment = spdiff.Off },
		"-augmentation 0.12":           func(c *spdiff.Config) { c.Augmentation = 0.12 },
		"-group C2":                    func(c *spdiff.Config) { c.Group = group.C2 },
		"-method cf":                   func(c *spdiff.Config) { c.Method = spdiff.CF },
		"-method reg -penalty 2":       func(c *spdiff.Config) { c.Method, c.Penalty = spdiff.Reg, 2 },
		"-preset digits-s":             func(c *spdiff.Config) { c.Network = nn.DigitsS() },
		"-width 64":                    func(c *spdiff.Config) { c.Network.Width = 64 },
		"-mult 1,2 -attention 1,2":     func(c *spdiff.Config) { c.Network.Mult, c.Network.Attention = []int{1, 2}, []int{1, 2} },
		"-blocks 3":                    func(c *spdiff.Config) { c.Network.Blocks = 3 },
		"-dropout 0.25":                func(c *spdiff.Config) { c.Network.Dropout = 0.25 },
		"-classes 10":                  func(c *spdiff.Config) { c.Network.Classes = 10 },
		"-classes 10 -drop-class 0.1":  func(c *spdiff.Config) { c.Network.Classes, c.DropClass = 10, 0.1 },
		"-kernel 5":                    func(c *spdiff.Config) { c.Network.Kernel = 5 },
		"-method wt":                   func(c *spdiff.Config) { c.Method, c.Network.Kernel, c.Network.Taps = spdiff.WT, 5, nn.Pinwheel },
		"-method wt -kernel 3":         func(c *spdiff.Config) { c.Method = spdiff.WT },
		"-method wt -taps square":      func(c *spdiff.Config) { c.Method = spdiff.WT },
		"-method plain -taps pinwheel": func(c *spdiff.Config) { c.Method, c.Network.Kernel, c.Network.Taps = spdiff.Plain, 5, nn.Pinwheel },
		"-batch 5":                     func(c *spdiff.Config) { c.Batch = 5 },
		"-steps 100":                   func(c *spdiff.Config) { c.Steps = 100 },
		"-steps 100 -fall 0.25":        func(c *spdiff.Config) { c.Steps, c.Rate.Falls = 100, []nn.Fall{{From: 75, To: 100}} },
		"-lr 0.01 -warmup 7":           func(c *spdiff.Config) { c.Rate.Rate, c.Rate.Warmup = 0.01, 7 },
		"-decay 200 -floor 0.5":        func(c *spdiff.Config) { c.Rate.Total, c.Rate.Floor = 200, 0.5 },
		"-average 0.9,0.5 -ramp=false": func(c *spdiff.Config) { c.Optimiser.Averages = []nn.Average{{Rate: 0.9}, {Rate: 0.5}} },
	})
	f := flag.NewFlagSet("train", flag.ContinueOnError)
	new(options).define(f)
	f.VisitAll(func(f *flag.Flag) {
		if !slices.Contains(slices.Concat(tested, ofRun, kinds), f.Name) {
			t.Errorf("-%s is in no row", f.Name)
		}
	})
}

// So it is with each flag of a GAN.
func TestGANFlagsAreSettings(t *testing.T) {
	tested := reach(t, "-gan spgan", func(o *options) (spdiff.GANConfig, error) { return o.ganConfig(28, 28, 1) }, map[string]func(c *spdiff.GANConfig){
		"-gan incomplete":          func(c *spdiff.GANConfig) { c.Variant = spdiff.Incomplete },
		"-preset gan-digits-paper": func(c *spdiff.GANConfig) { c.Network = nn.GANDigitsPaper() },
		"-loss divergence":         func(c *spdiff.GANConfig) { c.Loss = nn.DivergenceLoss() },
		"-group C2":                func(c *spdiff.GANConfig) { c.Group = group.C2 },
		"-batch 5":                 func(c *spdiff.GANConfig) { c.Batch = 5 },
		"-precision bf16":          func(c *spdiff.GANConfig) { c.Precision = spdiff.BF16 },
		"-classes 3":               func(c *spdiff.GANConfig) { c.Network.Classes = 3 },
		"-seed 7":                  func(c *spdiff.GANConfig) { c.Seed = 7 },
		"-rotate=false":            func(c *spdiff.GANConfig) { c.Rotate = false },
		"-augment":                 func(c *spdiff.GANConfig) { c.Augment = true },
		"-lr 0.01":                 func(c *spdiff.GANConfig) { c.Rate.Rate, c.CriticRate.Rate = 0.01, 0.04 },
		"-penalty 3":               func(c *spdiff.GANConfig) { c.Loss.Weight = 3 },
		"-steps 100":               func(c *spdiff.GANConfig) { c.Steps = 100 },
	})
	for _, name := range ganFlags {
		if !slices.Contains(slices.Concat(tested, ofRun), name) {
			t.Errorf("-%s is in no row", name)
		}
	}
}
