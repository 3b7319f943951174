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
	name    string
	count   int
	time    time.Duration
	flops   int64
	rounded int64 // of these, those of products in bf16
	bytes   int64
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
	add := func(name string, t time.Duration, o autodiff.Op) {
		k := byName[name]
		if k == nil {
			k = &kind{name: name}
			byName[name] = k
		}
		k.count++
		k.time += t
		k.flops += o.FLOPs
		if o.Precision == tensor.BF16 {
			k.rounded += o.FLOPs
		}
		k.bytes += o.Bytes
	}
	for i, o := range ops {
		if p.after != nil || !o.Prologue {
			name := o.Name
			if shapes {
				name += " " + o.Shape.String()
			}
			add(name, best[i], o)
		}
	}
	if p.after != nil {
		add("optimiser", best[len(ops)], autodiff.Op{Bytes: 4 * 8 * int64(p.params)}) // p, m, v there and back, g twice
	}
	var kinds []kind
	for _, k := range byName {
		kinds = append(kinds, *k)
	}
	slices.SortFunc(kinds, func(a, b kind) int { return cmp.Compare(b.time, a.time) })
	return kinds, nil
}

// A limit is what the machine can do in a second: operations of float32, of products in bf16, and bytes.
type limit struct{ flops, rounded, bytes float64 }

// arithmetic returns how many seconds some operations would take if only their arithmetic counted.
func (l limit) arithmetic(k *kind) float64 {
	return float64(k.flops-k.rounded)/l.flops + float64(k.rounded)/l.rounded
}

// measureLimit measures the operations of all threads from registers alone, as that of one core, in float32 and in a precision, and the
// bytes a second, read and written, of copying what is too large for the caches.
func measureLimit(threads int, p tensor.Precision) limit {
	const n, piece = 1 << 24, 1 << 14
	x, z := ramp(n), make([]float32, n)
	copies := tensor.Task{N: n / piece, Do: func(i, _ int) { asm.Scale(z[i*piece:(i+1)*piece], 1, x[i*piece:(i+1)*piece]) }}
	l := limit{}
	const work = 1 << 21
	for range 7 {
		l.flops = max(l.flops, float64(threads)*registers(tensor.Float32, work))
		l.rounded = max(l.rounded, float64(threads)*registers(p, work))
		start := time.Now()
		tensor.Run(copies)
		l.bytes = max(l.bytes, 8*n/time.Since(start).Seconds())
	}
	return l
}

// of returns the limits that matter for some kinds, as text.
func (l limit) of(kinds []kind) string {
	text := fmt.Sprintf("%.0f GFLOP/s", l.flops/1e9)
	if slices.ContainsFunc(kinds, func(k kind) bool { return k.rounded > 0 }) {
		text += fmt.Sprintf(", %.0f in bf16", l.rounded/1e9)
	}
	return text + fmt.Sprintf(", %.1f GB/s", l.bytes/1e9)
}

// writeProfile writes a table of kinds: what each takes, and which share of that it would take if only its arithmetic or only
// its traffic counted. The bytes are those of arguments and results, each read or written once.
func writeProfile(w io.Writer, name string, kinds []kind, l limit) {
	total := timeOf(kinds, func(*kind) bool { return true })
	rest := timeOf(kinds, func(k *kind) bool { return !k.is("product") })
	attention := timeOf(kinds, func(k *kind) bool { return k.is("attention") })
	share := func(t time.Duration) float64 { return 100 * t.Seconds() / total.Seconds() }
	fmt.Fprintf(w, "\n%s: %.1f ms by operation; limits %s\n", name, ms(total), l.of(kinds))
	fmt.Fprintf(w, "%-32s %5s %9s %7s %9s %9s %11s %9s\n", "operation", "count", "ms", "share", "MB", "GFLOP", "arithmetic", "memory")
	for i := range kinds {
		k := &kinds[i]
		seconds := max(k.time.Seconds(), 1e-9)
		fmt.Fprintf(w, "%-32s %5d %9.2f %6.1f%% %9.1f %9.2f %10.0f%% %8.0f%%\n", k.name, k.count, ms(k.time), share(k.time),
			float64(k.bytes)/1e6, float64(k.flops)/1e9, 100*l.arithmetic(k)/seconds, 100*float64(k.bytes)/l.bytes/seconds)
	}
	fmt.Fprintf(w, "%-32s %5s %9.2f %6.1f%%", "all but products", "", ms(rest), share(rest))
	if attention > 0 {
		fmt.Fprintf(w, ", of which attention %.1f%%, its products included", share(attention))
	}
	fmt.Fprintln(w)
}

// timeOf returns what some of the kinds take together.
func timeOf(kinds []kind, some func(*kind) bool) (sum time.Duration) {
	for i := range kinds {
		if some(&kinds[i]) {
			sum += kinds[i].time
		}
	}
	return sum
}

// is reports whether the operations are of a name, or gradients of such: product is matrix products and convolutions.
func (k *kind) is(name string) bool {
	own, _, _ := strings.Cut(k.name, " ") // the shape follows
	return own == name || own == name+".dx" || own == name+".dw" || own == name+".grad"
}

func ms(t time.Duration) float64 { return 1e3 * t.Seconds() }
