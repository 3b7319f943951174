package nn

import (
	"fmt"
	"strings"
)

// A presetList has configurations by name, in the order in which messages list them.
type presetList[C any] []struct {
	name string
	make func() C
}

func (l presetList[C]) names() (all []string) {
	for _, p := range l {
		all = append(all, p.name)
	}
	return all
}

// find returns the preset of that name, of a kind of network.
func (l presetList[C]) find(of, name string) (c C, err error) {
	for _, p := range l {
		if p.name == name {
			return p.make(), nil
		}
	}
	return c, fmt.Errorf("%s: there is no preset %q; the presets are %s", of, name, strings.Join(l.names(), ", "))
}
