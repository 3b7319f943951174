package train

import (
	"encoding"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"spdiff"
	"spdiff/cmd/internal/cli"
	"spdiff/cmd/internal/dataset"
	"spdiff/group"
	"spdiff/nn"
)

// options are the flags.
type options struct {
	data, preset, out, resume     string
	group                         group.Group
	method                        spdiff.Method
	precision                     spdiff.Precision
	predict                       spdiff.Prediction
	schedule                      spdiff.Schedule
	weight                        spdiff.Weighting
	times                         spdiff.Times
	taps                          nn.Support
	limit, width, blocks, classes int
	kernel, steps, batch, threads int
	warmup, samples               int
	evaluate                      int
	inception                     string
	decay, keep                   int
	model, gan                    string
	loss                          nn.GANLossKind
	mult, attention               list
	averages                      rates
	dropout, minutes, save, rate  float64
	floor, fall, dropClass        float64
	guidance                      float64
	augmentation                  float64
	penalty                       float64
	seed                          uint64
	rotate, augment, plan, look   bool
	condition, ramp, newData      bool
	given                         map[string]bool // the flags that were there
	args                          []string        // all of them
	again                         string          // those of perCall that were given
}

// A list is a flag of numbers between commas.
type list []int

func (l list) String() string {
	parts := make([]string, len(l))
	for i, n := range l {
		parts[i] = strconv.Itoa(n)
	}
	return strings.Join(parts, ",")
}

// Set implements flag.Value.
func (l *list) Set(s string) error {
	*l = nil
	for _, part := range strings.Split(s, ",") {
		if part == "" {
			continue
		}
		n, err := strconv.Atoi(strings.TrimSpace(part))
		if err != nil {
			return fmt.Errorf("%q is no whole number", part)
		}
		*l = append(*l, n)
	}
	return nil
}

// rates are a flag of numbers between commas, which need not be whole.
type rates []float64

func (r rates) String() string {
	parts := make([]string, len(r))
	for i, v := range r {
		parts[i] = strconv.FormatFloat(v, 'g', -1, 64)
	}
	return strings.Join(parts, ",")
}

// Set implements flag.Value.
func (r *rates) Set(s string) error {
	*r = nil
	for part := range strings.SplitSeq(s, ",") {
		v, err := strconv.ParseFloat(strings.TrimSpace(part), 64)
		if err != nil {
			return fmt.Errorf("%q is no number", part)
		}
		*r = append(*r, v)
	}
	return nil
}

// parse reads the flags and checks what can be checked without data.
func parse(args []string) (*options, error) {
	o := &options{group: group.C4, averages: rates{0.999}, given: map[string]bool{}, args: args}
	f := flag.NewFlagSet("train", flag.ContinueOnError)
	o.define(f)
	if err := cli.Parse(f, args, usage, ""); err != nil {
		return nil, err
	}
	f.Visit(func(f *flag.Flag) {
		o.given[f.Name] = true
		if slices.Contains(perCall, f.Name) {
			o.again += fmt.Sprintf(" -%s %s", f.Name, cli.Quoted(f.Value.String()))
		}
	})
	return o, o.check()
}

func (o *options) define(f *flag.FlagSet) {
	f.StringVar(&o.data, "data", "digits", "the `IMAGES`, see above")
	f.IntVar(&o.limit, "limit", 0, "take the first `N` images; 0: all")
	f.BoolVar(&o.rotate, "rotate", false, "turn each image once by a random element of the group (generated digits: on; -rotate=false to leave them upright)")
	f.BoolVar(&o.augment, "augment", false, "turn each image by a fresh random element at each draw (on for plain, oc, reg and reg-oc)")
	f.Float64Var(&o.augmentation, "augmentation", 0, "at each draw mirror, scale, turn, stretch and shift the image, each with this `PROBABILITY`, such as 0.12, and tell the network; samples are not augmented")
	f.TextVar(&o.group, "group", group.C4, "the symmetry of the data: C1, H, V, C2, D2, C4 or D4 (preset cells: D4)")
	f.StringVar(&o.gan, "gan", "", "train a GAN in place of a diffusion, the paper's baseline: `spgan`, or incomplete (its latent is not symmetrised) or plain")
	f.TextVar(&o.loss, "loss", nn.Relativistic, "of a GAN: relativistic or divergence (preset's)")
	f.TextVar(&o.method, "method", spdiff.GC, "how the network respects the group: "+all[spdiff.Method]()+" (preset cells: wt)")
	f.Float64Var(&o.penalty, "penalty", 1, "weight of the regulariser of -method reg and reg-oc")
	f.BoolVar(&o.condition, "condition", false, "condition the network on its own last prediction (a step takes 1.2 to 1.4 times as long)")
	f.StringVar(&o.preset, "preset", "digits-xs", "the network: "+strings.Join(nn.Presets(), ", "))
	f.IntVar(&o.width, "width", 0, "channels of its first level (preset's)")
	f.Var(&o.mult, "mult", "multipliers of the width, one a level, as `1,2,2` (preset's)")
	f.IntVar(&o.blocks, "blocks", 0, "residual blocks a level (preset's)")
	f.Var(&o.attention, "attention", "which reductions of the resolution have attention, such as `2,4`; empty: only the middle has it (preset's)")
	f.Float64Var(&o.dropout, "dropout", 0, "share of values dropped in residual blocks (preset's)")
	f.IntVar(&o.classes, "classes", 0, "condition on the class of an image, one of this many; 0: do not (preset's)")
	f.Float64Var(&o.dropClass, "drop-class", 0, "withhold the class of a training image with this `PROBABILITY`, such as 0.1, to allow sample -guidance; 0: never")
	f.IntVar(&o.kernel, "kernel", 0, "taps across a kernel, odd (preset's)")
	f.TextVar(&o.taps, "taps", nn.Square, "which taps of the square a kernel has: "+all[nn.Support]()+"; a pinwheel is 5 across and has the symmetry of C4 but not of D4 (default of wt over C4, unless -kernel is given)")
	f.TextVar(&o.predict, "predict", spdiff.Image, "what the network predicts: "+all[spdiff.Prediction]())
	f.TextVar(&o.times, "times", spdiff.LogitNormal, "how training draws times: "+all[spdiff.Times]()+" (-schedule edm has its own)")
	f.TextVar(&o.weight, "weight", spdiff.Flat, "how much an error counts at each time: "+all[spdiff.Weighting]())
	f.TextVar(&o.schedule, "schedule", spdiff.Cosine, "how noise grows: "+all[spdiff.Schedule]())
	f.TextVar(&o.precision, "precision", spdiff.Float32, "of the network's products: float32 or bf16")
	f.Float64Var(&o.minutes, "minutes", 10, "train for so long")
	f.IntVar(&o.steps, "steps", 0, "train until so many steps are done, instead of -minutes")
	f.IntVar(&o.samples, "samples", 64, "`N` images in the last grid of samples, at most 36 in earlier grids; 0: draw none")
	f.Float64Var(&o.guidance, "guidance", 0, "guidance of the grids towards their classes, such as 1, for a model trained with -drop-class; 0: none; -1: draw without a class")
	f.IntVar(&o.evaluate, "evaluate", 0, "measure `N` samples at each grid and at the end (FD-digits, FD-cells or FID), and keep the best model as model-best.safetensors; 0: do not")
	f.StringVar(&o.inception, "inception", "", "of -evaluate: the weights of Inception, a `FILE`, for FID")
	f.Float64Var(&o.save, "save", 2, "`MINUTES` between two saves of the state; 0: every ten steps")
	f.IntVar(&o.batch, "batch", 0, "images a step (preset's)")
	f.Float64Var(&o.rate, "lr", 2e-3, "learning rate")
	f.IntVar(&o.warmup, "warmup", 100, "steps in which the learning rate rises")
	f.IntVar(&o.decay, "decay", 0, "`STEPS` after which the learning rate has fallen, by a cosine, to -floor; 0: it stays")
	f.Float64Var(&o.fall, "fall", 0.2, "the `SHARE` of the run, at its end, in which the learning rate falls to 0; 0: it does not fall. With -steps the default is 0")
	f.Float64Var(&o.floor, "floor", 0, "the last learning rate of -decay, as a share of -lr")
	f.Var(&o.averages, "average", "`RATES` of the running means of the weights, between commas: model.safetensors has the first, model-2.safetensors the second, …")
	f.BoolVar(&o.ramp, "ramp", true, "limit the rates of the means to (1+n)/(10+n) after step n, so that the first weights are soon forgotten")
	f.IntVar(&o.keep, "keep", 0, "keep `N` models in models/ for each doubling of the steps, for learning curves; 1: those of steps 1, 2, 4, 8, …; 0: none")
	f.Uint64Var(&o.seed, "seed", 1, "seed of everything random")
	f.IntVar(&o.threads, "threads", 0, "threads to use; 0: all cores. Never changes a result")
	f.StringVar(&o.out, "out", "", "a new `FOLDER` for the run (runs/NAME-1, -2, …)")
	f.StringVar(&o.resume, "resume", "", "go on with the run in `FOLDER`")
	f.BoolVar(&o.newData, "new-data", false, "with -resume: go on with other images, those of -data and -limit; the result then no longer has the bits of one training")
	f.StringVar(&o.model, "model", "", "with -resume of a run's folder, or of one of its states: write its model to `FILE`.safetensors, and do not train; with -average 0 the last weights, which are no mean")
	f.BoolVar(&o.look, "check", false, "read all images of -data, say which are damaged and how to go on without them, and write nothing")
	f.BoolVar(&o.plan, "n", false, "say what the run would do and cost, and write nothing")
}

// all returns the names of the values of a type that begins at 0, between commas: those that its own parser takes.
func all[T interface {
	~int | ~uint8
	fmt.Stringer
}, P interface {
	*T
	encoding.TextUnmarshaler
}]() string {
	var names []string
	for v := T(0); P(new(T)).UnmarshalText([]byte(v.String())) == nil; v++ {
		names = append(names, v.String())
	}
	return strings.Join(names, ", ")
}

func usage(w io.Writer) {
	fmt.Fprint(w, `usage: train [flags]

Trains a diffusion model of images whose symmetry is exact to the last bit. Without flags: generated digits, each
turned by a random multiple of 90°, regular features under C4, ten minutes.

  train                                                the default
  train -data mnist:FOLDER -rotate -minutes 30         C4-MNIST, the paper's data
  train -data mnist:FOLDER -rotate -limit 600          1 % of it
  train -data FOLDER -group D4                         your own pictures, which have no right way up
  train -method oc                                     an ordinary network, its output averaged over the group
  train -preset digits-m -classes 10 -steps 20000      a network of the paper's size, conditioned on the class
  train -gan spgan -data mnist:FOLDER -rotate          SP-GAN, the paper's baseline
  train -n -preset digits-m                            what that would cost on this machine
  train -resume runs/digits-1 -minutes 10              ten minutes more, the same bits as without the pause

  train -resume runs/digits-1 -data /new/place         the same images, which have moved
  train -resume runs/digits-1 -model m.safetensors     the model of its newest state, without training on

A run's folder has config.json and run.json (the settings), model.safetensors (the averaged weights), the last two
state-STEPS.safetensors (to go on from), log.jsonl and log.csv (a line every ten steps), loss.png, samples/, and events
for TensorBoard (tensorboard --logdir runs). The weights load in PyTorch's ADM U-Net, which computes the same if it is made
with the groups, head and kernel of config.json: by default 8 groups, heads of 16 channels and 3×3 taps; 5×5 taps for wt over
C4. It has no place for the extra tensor of -augmentation, map_augment.weight, which sampling does not need.

Ctrl-C (and SIGTERM, SIGHUP, a broken pipe) saves what is not saved yet and leaves with exit code 130 (143, 129, 141); a
second one leaves at once. A run that was killed goes on with -resume from its last state, to the same bits. run.json has
the absolute path of the images; -resume checks that they are the same, wherever they are, and says which are not.

How the network respects the group: gc has a copy of its channels for each element, and draws the best images after a few
minutes of training; wt ties its kernels, and does the least work a step; cf turns each image into a canonical frame; plain is the ordinary
network; oc averages its output over the group, with |G| evaluations a step; reg penalises asymmetry in training, and
reg-oc averages the output of such a network. gc, wt, cf, oc and reg-oc are exact; plain and reg are not.

-gan trains a generative adversarial network instead. The distribution of spgan's images is exactly invariant, that of incomplete
and plain is not. The presets are gan-digits (28×28), gan-digits-paper (four times as wide, as published) and gan-cells
(64×64). -lr is the generator's learning rate, the discriminator's is four times that. -penalty weighs the gradient penalty. A training
that collapses ends, and keeps its last good state.

The network takes the size and the channels of the images of -data. IMAGES are one of

`+dataset.Help()+`
Flags, where "(preset's)" means that the default is the preset's:

`)
}

// resumable are the flags that -resume takes: what they say is of this call and not of the run.
var resumable = []string{"resume", "steps", "minutes", "save", "samples", "threads", "keep", "fall", "data", "new-data", "model", "n", "check", "evaluate", "inception", "guidance"}

// perCall are those of resumable that the run's folder does not keep: a call that goes on as this one does has them again.
var perCall = []string{"save", "samples", "threads", "fall", "evaluate", "inception", "guidance"}

// exportable are the flags that -model takes: it writes what a run has, and does nothing else.
var exportable = []string{"model", "resume", "average", "threads"}

const year = 365 * 24 * 60 // minutes

// check finds flags that do not fit together.
func (o *options) check() error {
	switch {
	case o.given["steps"] && o.given["minutes"]:
		return cli.Usagef("-steps and -minutes: give one of them")
	case o.given["steps"] && o.steps < 1:
		return cli.Usagef("-steps is %d; it must be at least 1", o.steps)
	case !o.given["steps"] && !(o.minutes > 0 && o.minutes <= year):
		return cli.Usagef("-minutes is %v; it must be more than 0 and at most %d, a year", o.minutes, year)
	case !(o.save >= 0 && o.save <= year):
		return cli.Usagef("-save is %v; it is at least 0 and at most %d, a year", o.save, year)
	case o.limit < 0:
		return cli.Usagef("-limit is %d; 0 takes all images", o.limit)
	case o.samples < 0 || o.samples > 10_000:
		return cli.Usagef("-samples is %d; it is from 0 to 10000", o.samples)
	case !(o.guidance >= -1 && o.guidance <= 1000):
		return cli.Usagef("-guidance is %v; it is from -1, which is no class, to 1000", o.guidance)
	case o.evaluate < 0 || o.evaluate == 1 || o.evaluate > 100_000:
		return cli.Usagef("-evaluate is %d; it is from 2 to 100000, or 0", o.evaluate)
	case o.inception != "" && o.evaluate == 0:
		return cli.Usagef("-inception is for -evaluate; give both")
	case cli.CheckThreads(o.threads) != nil:
		return cli.CheckThreads(o.threads)
	case o.keep < 0 || o.keep > mostKept:
		return cli.Usagef("-keep is %d; it is from 0 to %d", o.keep, mostKept)
	case !(o.fall >= 0 && o.fall <= 0.9):
		return cli.Usagef("-fall is %v; it is from 0 to 0.9 of the run", o.fall)
	case o.given["penalty"] && o.penalty == 0 && (o.method == spdiff.Reg || o.method == spdiff.RegOC):
		return cli.Usagef("-penalty 0 is no regulariser; -method plain trains without one")
	case o.given["fall"] && o.decay > 0:
		return cli.Usagef("-fall and -decay both say where the learning rate falls; give one of them")
	case o.given["times"] && o.schedule == spdiff.EDM:
		return cli.Usagef("-schedule edm has times of its own; leave -times out, or give another schedule")
	case o.given["floor"] && o.decay == 0:
		return cli.Usagef("-floor is where -decay ends; give -decay")
	case o.look && o.plan:
		return cli.Usagef("-check and -n: give one of them")
	case o.look && o.given["limit"]:
		return cli.Usagef("-check reads all images of -data, not the first %d: leave -limit out", o.limit)
	case o.resume == "" && (o.newData || o.model != ""):
		return cli.Usagef("-new-data and -model are for a run to go on with: give -resume FOLDER")
	case o.model != "" && filepath.Ext(o.model) != ".safetensors":
		return cli.Usagef("-model %s: the name must end in .safetensors", o.model)
	case o.resume != "" && o.out != "":
		return cli.Usagef("-resume goes on in the run's own folder; do not give -out")
	}
	if name := cli.NotAmong(o.given, exportable); o.model != "" && name != "" {
		return cli.Usagef("-model writes the model of a run, and does nothing else: leave -%s out", name)
	}
	if o.model != "" && o.given["average"] && !slices.Equal(o.averages, rates{0}) {
		return cli.Usagef("-model writes the means that the run has, or, with -average 0, its last weights; -average %v cannot be made of them", o.averages)
	}
	if name := cli.NotAmong(o.given, o.changeable()); o.resume != "" && name != "" {
		return cli.Usagef("-resume goes on with the settings of the run; -%s cannot change, only -%s, and -limit with -new-data", name, strings.Join(resumable[1:], ", -"))
	}
	return o.checkGAN()
}

// changeable returns the flags that may stand beside -resume.
func (o *options) changeable() []string {
	flags := slices.Clone(resumable)
	if o.newData {
		flags = append(flags, "limit")
	}
	if o.model != "" {
		flags = append(flags, "average")
	}
	return flags
}

// give calls the function of each flag that was given: it puts what the flag says in the place of the preset's.
func (o *options) give(set map[string]func()) {
	for name, put := range set {
		if o.given[name] {
			put()
		}
	}
}

// rotates reports whether each image is turned once: generated digits are, unless the flags say otherwise.
func (o *options) rotates() bool { return o.rotate || o.data == "digits" && !o.given["rotate"] }

// config returns the configuration that the flags describe, for images of a shape.
func (o *options) config(h, w, channels int) (spdiff.Config, error) {
	c, err := spdiff.DefaultConfig(o.preset)
	if err != nil {
		return c, cli.Usagef("-preset: %w", err)
	}
	n := &c.Network
	n.ImageHeight, n.ImageWidth, n.Out = h, w, channels
	o.give(map[string]func(){
		"width":     func() { n.Width = o.width },
		"blocks":    func() { n.Blocks = o.blocks },
		"classes":   func() { n.Classes = o.classes },
		"kernel":    func() { n.Kernel = o.kernel },
		"mult":      func() { n.Mult = o.mult },
		"attention": func() { n.Attention = o.attention },
		"taps":      func() { n.Taps = o.taps },
		"dropout":   func() { n.Dropout = o.dropout },
		"batch":     func() { c.Batch = o.batch },
		"group":     func() { c.Group = o.group },
		"method":    func() { c.Method = o.method },
		"augment":   func() { c.Augment = map[bool]spdiff.Switch{true: spdiff.On, false: spdiff.Off}[o.augment] },
		"penalty":   func() { c.Penalty = o.penalty },
	})
	c.Predict, c.Weight, c.Times, c.Schedule, c.Seed, c.Precision = o.predict, o.weight, o.times, o.schedule, o.seed, o.precision
	c.Rotate, c.Condition, c.DropClass, c.Augmentation = o.rotates(), o.condition, o.dropClass, o.augmentation
	if !o.given["kernel"] {
		o.handed(&c)
	}
	c.Rate = nn.LearningRate{Rate: o.rate, Warmup: o.warmup, Total: o.decay, Floor: o.floor}
	if o.steps > 0 && o.given["fall"] {
		if from := fallFrom(0, o.steps, o.fall); from < o.steps {
			c.Rate.Falls = []nn.Fall{{From: from, To: o.steps}}
		}
	}
	c.Optimiser.Averages = nil
	for _, r := range o.averages {
		c.Optimiser.Averages = append(c.Optimiser.Averages, nn.Average{Rate: r, Ramp: o.ramp})
	}
	c.Steps = o.steps
	if err := c.Validate(); err != nil {
		return c, &cli.UsageError{Err: err}
	}
	return c, nil
}
