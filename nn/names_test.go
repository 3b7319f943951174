package nn

import (
	"encoding"
	"fmt"
	"testing"
)

// Values are written as their names, and read from them; what has no name is said with the names that there are.
func TestNames(t *testing.T) {
	for _, c := range []struct {
		value   fmt.Stringer
		to      encoding.TextUnmarshaler
		name    string
		unknown string
	}{
		{Scalar, new(Representation), "scalar", `nn: there is no representation "round"; there are scalar and regular`},
		{Regular, new(Representation), "regular", `nn: there is no representation "round"; there are scalar and regular`},
		{Square, new(Support), "square", `nn: there is no support "round"; there are square and pinwheel`},
		{Pinwheel, new(Support), "pinwheel", `nn: there is no support "round"; there are square and pinwheel`},
		{Relativistic, new(GANLossKind), "relativistic", `nn: there is no loss "round"; there are relativistic and divergence`},
		{Divergence, new(GANLossKind), "divergence", `nn: there is no loss "round"; there are relativistic and divergence`},
	} {
		err := c.to.UnmarshalText([]byte(c.name))
		if got := fmt.Sprint(c.to); err != nil || got != c.name || c.value.String() != c.name {
			t.Errorf("%v is read as %s: %v; want %s", c.value, got, err, c.name)
		}
		if err := c.to.UnmarshalText([]byte("round")); err == nil || err.Error() != c.unknown {
			t.Errorf("%v; want %s", err, c.unknown)
		}
	}
	for _, c := range []struct {
		value fmt.Stringer
		want  string
	}{{Representation(2), "representation 2"}, {Support(2), "support 2"}, {GANLossKind(255), "loss 255"}} {
		if got := c.value.String(); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}
