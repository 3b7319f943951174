package group

import (
	"fmt"
	"strings"
)

// Parse returns the group of that name, in upper or lower case: C1, H, V, C2, D2, C4 or D4.
func Parse(name string) (Group, error) {
	var names []string
	for _, g := range All() {
		if strings.EqualFold(name, g.Name()) {
			return g, nil
		}
		names = append(names, g.Name())
	}
	return Group{}, fmt.Errorf("group: there is no group %q; the groups are %s", name, strings.Join(names, ", "))
}

// String returns the group's name.
func (g Group) String() string { return g.Name() }

// MarshalText returns the group's name, so that a group stands as its name in JSON. It never fails.
func (g Group) MarshalText() ([]byte, error) { return []byte(g.Name()), nil }

// UnmarshalText sets g to the group of that name, as [Parse] does.
func (g *Group) UnmarshalText(name []byte) (err error) {
	parsed, err := Parse(string(name))
	if err == nil {
		*g = parsed
	}
	return err
}
