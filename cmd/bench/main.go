// Command bench times SPDiff on the standard cases and prints one line a case.
//
//	go run ./cmd/bench [flags] [CASE-PREFIX ...]
//
// The cases are matrix products (gemm/…), 3×3 convolutions dense and tied with
// both gradients (conv3x3/…, tied3x3/…), U-Nets plain, tied and with regular
// features, forward and a training step (unet/…, unet-wt/…, unet-gc/…),
// training steps of SP-GAN (gan/…), a solver's step without the network's work
// (solver/…), frames, noise that moves with the image, averages over the group
// and canonical frames likewise (wrap/…), averages beside one evaluation
// (structure/…), the feature network of FID (inception), and the rates of one
// core's multiply-adds from registers alone and, with amx, avx512bf16 and
// generic, of their products of bf16 (fma, fma/tile). Nothing can pass those.
// After fma, where the processor has amx or avx512bf16 and it is not offered,
// standard error says why. Names and JSON fields are those of the scripts that
// time other frameworks, so that the lines of two programs can be joined on
// case and threads.
//
// Figures of a noisy machine compare only within one sitting; peak_rss_mib is
// the whole process's, so run one case a process when memory is the question.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"spdiff/asm"
	"spdiff/cmd/internal/cli"
	"spdiff/cmd/internal/peak"
	"spdiff/tensor"
)

// row is one printed figure.
type row struct {
	Peer    string  `json:"peer"`
	Case    string  `json:"case"`
	Batch   int     `json:"batch"`
	Threads int     `json:"threads"`
	Ms      float64 `json:"ms"`            // best of the runs
	GFLOPS  float64 `json:"gflops"`        // nominal work, a multiply-add is 2, over that time
	Share   float64 `json:"ceiling_share"` // of what registers alone multiply on as many cores at the clock of the run; the median
	PeakRSS int     `json:"peak_rss_mib"`
	ISA     string  `json:"isa"`

	Precision tensor.Precision `json:"precision"`
}

func main() { cli.Main("bench", run) }

// options are the flags.
type options struct {
	json, profile, shapes, list bool
	threads, runs, deal         int
	scaling                     string
	precision                   tensor.Precision
	given                       map[string]bool
}

// run is the command: read the flags, choose the cases, time them.
func run(ctx context.Context, args []string) error {
	o := &options{given: map[string]bool{}}
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	o.define(f)
	prefixes, err := cli.ParseAll(f, args, usage)
	if err != nil {
		return err
	}
	f.Visit(func(f *flag.Flag) { o.given[f.Name] = true })
	if err := o.check(prefixes); err != nil {
		return err
	}
	chosen := choose(cases(o.precision), prefixes)
	if len(chosen) == 0 {
		if slices.Contains(prefixes, "fma/tile") {
			return cli.Usagef("%s", noTile())
		}
		return cli.Usagef("no case begins with %s; -list names them", strings.Join(prefixes, ", "))
	}
	if o.profile || o.deal > 0 {
		if chosen = networks(chosen); len(chosen) == 0 {
			return cli.Usagef("-profile and -deal are of networks, and none of these cases is one; -list unet names some")
		}
	}
	tensor.SetWorkers(o.threads)
	switch {
	case o.list:
		for _, c := range chosen {
			fmt.Println(c.name)
		}
		return nil
	case o.scaling != "":
		if err := cli.WritableFile(o.scaling); err != nil {
			return fmt.Errorf("-scaling %w", err)
		}
		return drawScaling(ctx, o.scaling, o.threads, o.runs, o.precision, o.printer())
	case o.profile:
		return o.profiles(ctx, chosen)
	case o.deal > 0:
		return o.deals(ctx, chosen)
	}
	return o.times(ctx, chosen)
}

func (o *options) define(f *flag.FlagSet) {
	f.BoolVar(&o.json, "json", false, "print JSON lines")
	f.IntVar(&o.threads, "threads", runtime.GOMAXPROCS(0), "threads to use")
	f.IntVar(&o.runs, "runs", 7, "timed runs a case, after one to warm up; the best counts")
	f.BoolVar(&o.profile, "profile", false, "print what the operations of each U-Net case take, and which share of the machine's limit that is")
	f.BoolVar(&o.shapes, "shapes", false, "in a profile, tell operations apart by the shape of their result")
	f.IntVar(&o.deal, "deal", 0, "print what each U-Net case would take of so many cores, from the times of its pieces on one")
	f.StringVar(&o.scaling, "scaling", "", "measure how a training step grows with batch and side, and draw it into this PNG `file`")
	f.TextVar(&o.precision, "precision", tensor.Float32, "of products, convolutions and networks: float32 or bf16. Solvers, wrappers and Inception stay float32")
	f.BoolVar(&o.list, "list", false, "name the cases and stop")
}

// check finds flags that cannot be, or do not fit together.
func (o *options) check(prefixes []string) error {
	switch {
	case o.threads < 1 || o.runs < 1:
		return cli.Usagef("-threads is %d and -runs %d; each must be at least 1", o.threads, o.runs)
	case o.deal < 0 || o.deal > cli.MostThreads:
		return cli.Usagef("-deal is %d; it is from 1 to %d cores", o.deal, cli.MostThreads)
	case cli.CheckThreads(o.threads) != nil:
		return cli.CheckThreads(o.threads)
	case o.json && (o.profile || o.deal > 0):
		return cli.Usagef("-json is of the times of cases; -profile and -deal print tables: leave it out")
	case o.profile && o.deal > 0:
		return cli.Usagef("-profile and -deal print a table each: give one of them")
	case o.deal > 0 && o.given["threads"]:
		return cli.Usagef("-deal times the pieces on one core and deals them to as many as it says: leave -threads out")
	case o.shapes && !o.profile:
		return cli.Usagef("-shapes is of a -profile: give both")
	case o.scaling != "" && (o.profile || o.deal > 0 || len(prefixes) > 0):
		return cli.Usagef("-scaling measures training steps of its own: it goes with no case, no -profile and no -deal")
	}
	return nil
}

// profiles prints where the time of the networks among the cases goes.
func (o *options) profiles(ctx context.Context, chosen []benchCase) error {
	l := measureLimit(o.threads, o.precision)
	for _, c := range chosen {
		kinds, err := c.program().profile(ctx, o.runs, o.shapes)
		if err != nil {
			return err
		}
		writeProfile(os.Stdout, c.name, kinds, l)
	}
	return nil
}

// times prints what each case takes.
func (o *options) times(ctx context.Context, chosen []benchCase) error {
	print := o.printer()
	for _, c := range chosen {
		r, err := measure(ctx, c, o.threads, o.runs)
		if err != nil {
			return err
		}
		print(r)
		if c.name == "fma" {
			for _, line := range remarks(asm.Refused()) {
				fmt.Fprintln(os.Stderr, line)
			}
		}
	}
	return nil
}

func usage(w io.Writer) {
	fmt.Fprint(w, `usage: bench [flags] [CASE-PREFIX ...]

Times SPDiff on the standard cases; without a prefix, on all of them.

  go run ./cmd/bench fma conv3x3              the ceilings and all 3×3 convolutions
  go run ./cmd/bench -json -threads 1 gemm    JSON lines, one thread
  SPDIFF_ISA=avx2 go run ./cmd/bench tied3x3  another instruction set
  go run ./cmd/bench -profile unet            where the time of the U-Nets goes
  go run ./cmd/bench -deal 16 unet-wt         what the tied ones would take of 16 cores

`)
}

// choose returns the cases whose name begins with one of the prefixes, all of
// them where there is none.
func choose(all []benchCase, prefixes []string) []benchCase {
	if len(prefixes) == 0 {
		return all
	}
	var out []benchCase
	for _, c := range all {
		for _, p := range prefixes {
			if strings.HasPrefix(c.name, p) {
				out = append(out, c)
				break
			}
		}
	}
	return out
}

// networks returns the cases that are a network's.
func networks(all []benchCase) []benchCase {
	return slices.DeleteFunc(all, func(c benchCase) bool { return c.program == nil })
}

// measure runs a case once to warm up and then runs times, and keeps the best time. The share of the ceiling is of that
// measured just after each run, so that it does not depend on the clock.
func measure(ctx context.Context, c benchCase, threads, runs int) (row, error) {
	if c.threads > 0 {
		threads = c.threads
	}
	if ctx.Err() != nil {
		return row{}, ctx.Err()
	}
	run := c.begin()
	run()
	best := time.Duration(1 << 62)
	var shares []float64
	for range runs {
		if ctx.Err() != nil {
			return row{}, ctx.Err()
		}
		start := time.Now()
		run()
		took := time.Since(start)
		best = min(best, took)
		shares = append(shares, c.work/took.Seconds()/ceiling(c.precision)/float64(threads))
	}
	slices.Sort(shares)
	share := shares[runs/2]
	if c.parts != nil {
		n := c.parts()
		best /= time.Duration(n)
		share *= float64(n)
	}
	runtime.GC() // the next case starts without this one's garbage
	return row{Peer: "spdiff", Case: c.name, Batch: c.batch, Threads: threads, Ms: best.Seconds() * 1e3,
		GFLOPS: c.work / best.Seconds(), Share: share, PeakRSS: int(peak.Memory() >> 20), ISA: asm.ISA(), Precision: c.precision}, nil
}

// printer returns the function that prints a row, as JSON or for a person.
func (o *options) printer() func(row) {
	if o.json {
		e := json.NewEncoder(os.Stdout)
		return func(r row) { e.Encode(r) }
	}
	fmt.Printf("spdiff bench: %s, %d threads, best of the runs\n", asm.ISA(), o.threads)
	fmt.Printf("%-28s %-9s %6s %8s %12s %10s %8s %9s\n", "case", "precision", "batch", "threads", "ms", "GFLOP/s", "ceiling", "peak MiB")
	return func(r row) {
		fmt.Printf("%-28s %-9v %6d %8d %12.3f %10.1f %7.1f%% %9d\n", r.Case, r.Precision, r.Batch, r.Threads, r.Ms, r.GFLOPS, 100*r.Share, r.PeakRSS)
	}
}
