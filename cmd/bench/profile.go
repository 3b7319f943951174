package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"spdiff/asm"
	"spdiff/autodiff"
	"spdiff/tensor"
)

// A profiled is a case whose time can be told apart by operation.
type profiled struct {
	program   *autodiff.Program
	workspace *autodiff.Workspace
	after     func() // what a step does besides: the optimiser; nil for nothing
	params    int    // numbers that it moves
}

// run is what the case times.
func (p *profiled) run() {
	if p.after == nil {
		p.workspace.Run()
		return
	}
	p.workspace.Prepare()
	p.workspace.Run()
	p.after()
}

// A kind is the operations of one name, taken together.
type kind struct {
	name  string
	count int
	time  time.Duration
	flops int64
	bytes int64
}

// fastest returns the times of a step's n operations, and last that of what the step does besides, each the best of the runs.
func (p *profiled) fastest(ctx context.Context, runs, n int) ([]time.Duration, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err() // a first step may take minutes
	}
	best := make([]time.Duration, n+1)
	p.run()
	for r := range runs {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		once := make([]time.Duration, n+1)
		p.workspace.Profile(once[:n])
		if p.after != nil {
			start := time.Now()
			p.after()
			once[n] = time.Since(start)
		}
		for i, t := range once {
			if r == 0 || t < best[i] {
				best[i] = t
			}
		}
	}
	return best, nil
}

// profile takes the times of a step's operations and adds them up by name, and by shape of the result if shapes, the longest first.
// Packing belongs to a training step, and not to a forward pass.
func (p *profiled) profile(ctx context.Context, runs int, shapes bool) ([]kind, error) {
	ops := p.program.Ops()
	best, err := p.fastest(ctx, runs, len(ops))
	if err != nil {
		return nil, err
	}
	byName := map[string]*kind{}
	add := func(name string, t time.Duration, flops, bytes int64) {
		k := byName[name]
		if k == nil {
			k = &kind{name: name}
			byName[name] = k
		}
		k.count++
		k.time += t
		k.flops += flops
		k.bytes += bytes
	}
	for i, o := range ops {
		if p.after != nil || !o.Prologue {
			name := o.Name
			if shapes {
				name += " " + o.Shape.String()
			}
			add(name, best[i], o.FLOPs, o.Bytes)
		}
	}
	if p.after != nil {
		add("optimiser", best[len(ops)], 0, 4*8*int64(p.params)) // p, m, v there and back, g twice
	}
	var kinds []kind
	for _, k := range byName {
		kinds = append(kinds, *k)
	}
	slices.SortFunc(kinds, func(a, b kind) int { return cmp.Compare(b.time, a.time) })
	return kinds, nil
}

// A limit is what the machine can do.
type limit struct{ flops, bytes float64 } // a second

// measureLimit measures the products of all threads from registers alone, as that of one core, and the bytes a second,
// read and written, of copying what is too large for the caches.
func measureLimit(threads int, p tensor.Precision) limit {
	const n, piece = 1 << 24, 1 << 14
	x, z := ramp(n), make([]float32, n)
	copies := tensor.Task{N: n / piece, Do: func(i, _ int) { asm.Scale(z[i*piece:(i+1)*piece], 1, x[i*piece:(i+1)*piece]) }}
	l := limit{}
	const work = 1 << 21
	for range 7 {
		l.flops = max(l.flops, float64(threads)*registers(p, work))
		start := time.Now()
		tensor.Run(copies)
		l.bytes = max(l.bytes, 8*n/time.Since(start).Seconds())
	}
	return l
}

// writeProfile writes a table of kinds: what each takes, and which share of that it would take if only its arithmetic or only
// its traffic counted. The bytes are those of arguments and results, each read or written once.
func writeProfile(w io.Writer, name string, kinds []kind, l limit) {
	var total time.Duration
	for _, k := range kinds {
		total += k.time
	}
	fmt.Fprintf(w, "\n%s: %.1f ms by operation; limits %.0f GFLOP/s, %.1f GB/s\n", name, ms(total), l.flops/1e9, l.bytes/1e9)
	fmt.Fprintf(w, "%-32s %5s %9s %7s %9s %9s %11s %9s\n", "operation", "count", "ms", "share", "MB", "GFLOP", "arithmetic", "memory")
	products := time.Duration(0)
	for _, k := range kinds {
		seconds := max(k.time.Seconds(), 1e-9)
		fmt.Fprintf(w, "%-32s %5d %9.2f %6.1f%% %9.1f %9.2f %10.0f%% %8.0f%%\n", k.name, k.count, ms(k.time), 100*k.time.Seconds()/total.Seconds(),
			float64(k.bytes)/1e6, float64(k.flops)/1e9, 100*float64(k.flops)/l.flops/seconds, 100*float64(k.bytes)/l.bytes/seconds)
		if k.isProduct() {
			products += k.time
		}
	}
	fmt.Fprintf(w, "%-32s %5s %9.2f %6.1f%%\n", "all but products", "", ms(total-products), 100*(total-products).Seconds()/total.Seconds())
}

// isProduct reports whether the operations are matrix products or convolutions, or their gradients.
func (k *kind) isProduct() bool {
	name, _, _ := strings.Cut(k.name, " ")
	return name == "product" || name == "product.dx" || name == "product.dw"
}

func ms(t time.Duration) float64 { return 1e3 * t.Seconds() }
