package train

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"spdiff"
	"spdiff/cmd/internal/cli"
	"spdiff/cmd/internal/dataset"
	"spdiff/group"
	"spdiff/nn"
)

// tries bounds how many flags are changed one after the other until a configuration is one.
const tries = 8

// remedied adds to the error of a configuration the flags to give instead, if some are known to work.
func (r *trainRun) remedied(o *options, err error) error {
	h, w, channels := r.source.Shape()
	var ways []string
	var part *nn.ConfigError
	if errors.As(err, &part) && part.Field == "image" {
		ways = append(ways, r.resized(o, fmt.Sprint(part.Works), channels))
	}
	ways = slices.DeleteFunc(append(ways, o.reflagged(h, w, channels)), func(way string) bool { return way == "" })
	if len(ways) == 0 {
		return err
	}
	text := err.Error()
	if part != nil {
		text = strings.TrimSuffix(text, fmt.Sprintf("; %v would do", part.Works))
	}
	return cli.Usagef("%s; with %s it works", text, strings.Join(ways, ", or with "))
}

// configured returns the error of the configuration that the flags describe.
func (o *options) configured(h, w, channels int) (c spdiff.Config, err error) {
	if o.gan != "" {
		_, err = o.ganConfig(h, w, channels)
		return c, err
	}
	return o.config(h, w, channels)
}

// resized returns -data with images of another size, ROWS×COLUMNS, "" where they have none or it does not help.
func (r *trainRun) resized(o *options, size string, channels int) string {
	var h, w int
	if n, _ := fmt.Sscanf(size, "%d×%d", &h, &w); n < 2 {
		return ""
	}
	arg := dataset.Resized(r.opened, o.data, h, w)
	if _, err := o.configured(h, w, channels); arg == "" || err != nil {
		return ""
	}
	return "-data " + cli.Quoted(arg)
}

// reflagged returns flags which, given besides, make a configuration for such images; "" if none are known.
func (o *options) reflagged(h, w, channels int) string {
	var names []string
	values := map[string]string{}
	for range tries {
		args := slices.Clone(o.args)
		for _, name := range names {
			args = append(args, "-"+name+"="+values[name])
		}
		now, err := parse(args)
		if err != nil {
			return ""
		}
		c, err := now.configured(h, w, channels)
		if err == nil {
			var said []string
			for _, name := range names {
				said = append(said, "-"+name+" "+values[name])
			}
			return strings.Join(said, " ")
		}
		flag, value := instead(err, c)
		if flag == "" {
			return ""
		}
		if !slices.Contains(names, flag) {
			names = append(names, flag)
		}
		values[flag] = value
	}
	return ""
}

// instead returns the flag of the setting that is wrong in c, and another value.
func instead(err error, c spdiff.Config) (flag, value string) {
	var part *nn.ConfigError
	var whole *spdiff.ConfigError
	switch {
	case errors.As(err, &part):
		return insteadOf(part, c.Network, c.Optimiser.Averages)
	case !errors.As(err, &whole):
		return "", ""
	}
	switch whole.Field {
	case "batch":
		return "batch", strconv.Itoa(min(max(c.Batch, 1), 1<<16))
	case "augmentation":
		return "augmentation", "0.12"
	case "penalty":
		return "penalty", map[bool]string{true: "1", false: "0"}[c.Method == spdiff.Reg || c.Method == spdiff.RegOC]
	case "drop_class":
		return "drop-class", map[bool]string{true: "0.1", false: "0"}[c.Network.Classes > 0]
	case "group":
		for _, g := range []group.Group{group.D2, group.C1} {
			if g.Acts(c.Network.ImageHeight, c.Network.ImageWidth) == nil {
				return "group", g.String()
			}
		}
	}
	return "", ""
}

// insteadOf is instead for a part of a configuration.
func insteadOf(e *nn.ConfigError, n nn.UNetConfig, averages []nn.Average) (flag, value string) {
	flags := map[string]string{"warmup": "warmup", "total": "decay", "floor": "floor"}
	name, at, _ := strings.Cut(e.Field, ".")
	i, _ := strconv.Atoi(at)
	switch {
	case e.Of == "learning rate" && name == "rate":
		return "lr", "0.002" // the ends of what can be are no good
	case e.Of == "learning rate":
		return flags[name], fmt.Sprint(e.Works)
	case name == "averages" && strings.HasSuffix(at, ".rate"):
		return "average", rateList(averages, at, e.Works)
	case e.Of != "unet" || e.Works == nil:
		return "", ""
	case name == "mult":
		return name, list(replaced(n.Mult, i, e.Works)).String()
	case name == "attention":
		return name, list(fitting(n)).String()
	case name == "image":
		return "mult", list(n.Mult[:levels(n)]).String()
	case slices.Contains([]string{"width", "blocks", "classes", "kernel", "dropout"}, name):
		return name, fmt.Sprint(e.Works)
	}
	return "", ""
}

// rateList returns the rates of running means, with works for the one that "N.rate" names.
func rateList(averages []nn.Average, at string, works any) string {
	var all rates
	for _, a := range averages {
		all = append(all, a.Rate)
	}
	if i, err := strconv.Atoi(strings.TrimSuffix(at, ".rate")); err == nil && i < len(all) {
		all[i], _ = works.(float64)
	}
	return all.String()
}

// replaced returns numbers with number i another.
func replaced(all []int, i int, works any) []int {
	all = slices.Clone(all)
	all[i], _ = works.(int)
	return all
}

// fitting returns the factors of attention that levels have; where none has one, that of the last.
func fitting(n nn.UNetConfig) (factors []int) {
	for _, a := range n.Attention {
		if last := 1 << (len(n.Mult) - 1); a >= 1 && a <= last && a&(a-1) == 0 {
			factors = append(factors, a)
		}
	}
	if factors == nil {
		factors = []int{1 << (len(n.Mult) - 1)}
	}
	return factors
}

// levels returns how many levels images can have: they are halved between them.
func levels(n nn.UNetConfig) int {
	k := 1
	for h, w := n.ImageHeight, n.ImageWidth; k < len(n.Mult) && h%2 == 0 && w%2 == 0; h, w = h/2, w/2 {
		k++
	}
	return k
}
