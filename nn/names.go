package nn

import (
	"fmt"
	"slices"
	"strings"
)

// names are those of the values 0, 1, … of a type, and what says what such a value is.
type names struct {
	what string
	all  []string
}

// of returns the name of value i, or its number where it has none.
func (n names) of(i uint8) string {
	if int(i) < len(n.all) {
		return n.all[i]
	}
	return fmt.Sprintf("%s %d", n.what, i)
}

// parse sets to to the value of a name.
func (n names) parse(name []byte, to *uint8) error {
	i := slices.Index(n.all, string(name))
	if i < 0 {
		return fmt.Errorf("nn: there is no %s %q; there are %s", n.what, name, strings.Join(n.all, " and "))
	}
	*to = uint8(i)
	return nil
}
