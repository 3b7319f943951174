package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"spdiff/cmd/internal/cli"
	"spdiff/nn"
)

// headOf returns the channels of a head of attention, from the flags; 0 if none says.
func (o *options) headOf(widths map[string]int) (int, error) {
	if o.heads == 0 {
		return o.head, nil
	}
	names := slices.Sorted(maps.Keys(widths))
	if o.heads == 1 { // of all channels, whatever their number
		return slices.Max(append(slices.Collect(maps.Values(widths)), 1)), nil
	}
	for _, name := range names {
		if c := widths[name]; c%o.heads != 0 || c != widths[names[0]] {
			return 0, cli.Usagef("-heads %d: tensor %s has %d channels and %s %d; here the heads of a network have one number of channels",
				o.heads, names[0], widths[names[0]], name, c)
		}
	}
	if len(names) == 0 {
		return 1, nil
	}
	return widths[names[0]] / o.heads, nil
}

// missing returns an error that says what the weights tell, what they do not, and a command that would work, or nil if flags say all.
func (o *options) missing(c nn.UNetConfig, s *source, widths map[string]int) error {
	var what, flags []string
	ask := func(name, why string, likely any, missing bool) {
		if missing {
			what = append(what, fmt.Sprintf("\n  -%-14s %s", name, why))
			flags = append(flags, fmt.Sprintf(" -%s=%v", name, likely))
		}
	}
	common := s.commonChannels()
	head := o.head
	if head == 0 {
		head = halvedTo(64, gcdOf(maps.Values(widths)))
	}
	widest := slices.Max(append(slices.Collect(maps.Values(widths)), 1))
	ask("size", "pixels of an image's side", likelySize(c), !o.given["size"])
	ask("head-channels", "channels of an attention head (num_head_channels; or -heads: num_heads)", head, o.heads == 0 && o.head == 0)
	ask("qkv", "the order of attention's rows: legacy (QKVAttentionLegacy) or new (QKVAttention, flash)", legacyOrder,
		!o.given["qkv"] && o.heads != 1 && !(o.head >= widest))
	ask("schedule", "of the noise: linear, nichol (cosine in guided-diffusion), cosine, edm, sub-vp or ve", "linear", !o.given["schedule"])
	ask("predict", "what the network predicts: eps, x0, v or edm", "eps", !o.given["predict"])
	if common%o.groups != 0 {
		o.given["groups"] = false // is asked for again
	}
	ask("groups", fmt.Sprintf("of channels in a norm: a divisor of %d, not %d", common, o.groups), common, common%o.groups != 0)
	if len(what) == 0 {
		return nil
	}
	return cli.Usagef("%s%s: %s.\nIts tensors do not tell these settings; give those that it was trained with:%s\nFor example\n%s%s%s",
		o.in, s.part(), describe(c), strings.Join(what, ""), cli.Whole+cli.Command("import"), o.repeated(), strings.Join(flags, ""))
}

// repeated returns the flags that were given, but one that is asked for again.
func (o *options) repeated() string {
	var text strings.Builder
	for _, f := range []struct {
		name  string
		value any
	}{{"in", o.in}, {"out", o.out}, {"prefix", o.prefix}, {"size", o.size}, {"head-channels", o.head}, {"heads", o.heads}, {"qkv", o.qkv},
		{"schedule", o.schedule}, {"predict", o.predict}, {"groups", o.groups}, {"method", o.method}, {"group", o.group}, {"condition", o.condition}} {
		if o.given[f.name] {
			fmt.Fprintf(&text, " -%s=%s", f.name, cli.Quoted(fmt.Sprint(f.value)))
		}
	}
	return text.String()
}

// commonChannels returns the greatest common divisor of the channels of all norms.
func (s *source) commonChannels() int {
	return gcdOf(func(yield func(int) bool) {
		for name, t := range s.weights {
			norm := strings.HasSuffix(name, "_layers.0.weight") || strings.HasSuffix(name, ".norm.weight") || name == "out.0.weight"
			if norm && t.Len() > 0 && !yield(t.Len()) {
				return
			}
		}
	})
}

// gcdOf returns the greatest common divisor of positive numbers, 1 of none.
func gcdOf(all func(yield func(int) bool)) int {
	g := 0
	for a := range all {
		for b := a; b > 0; {
			g, b = b, g%b
		}
	}
	return max(g, 1)
}

// halvedTo halves n while it is larger than a bound and even.
func halvedTo(bound, n int) int {
	for n > bound && n%2 == 0 {
		n /= 2
	}
	return n
}

// likelySize returns a size that the network's levels divide: 64, unless they are too many.
func likelySize(c nn.UNetConfig) int { return max(64, 1<<(len(c.Mult)-1)) }
