package evaluation

import (
	"fmt"

	"spdiff"
	"spdiff/cmd/internal/cli"
	"spdiff/group"
)

// OpenModel reads a model that draws images, of whatever kind, and the group of its data. Where a method is given, a diffusion is
// one of that method, with the same weights: see spdiff.Model.As.
func OpenModel(path string, as *spdiff.Method) (spdiff.Generator, group.Group, error) {
	g, err := spdiff.LoadGenerator(path)
	if err != nil {
		return nil, group.C1, err
	}
	switch m := g.(type) {
	case *spdiff.Model:
		if as != nil {
			if m, err = m.As(*as); err != nil {
				return nil, group.C1, cli.Usagef("-method %v: %w", *as, err)
			}
		}
		return m, m.Config().Group, nil
	case *spdiff.GAN:
		if as != nil {
			return nil, group.C1, cli.Usagef("-method %v is for diffusions; %s is a GAN", *as, path)
		}
		return m, m.Config().Group, nil
	}
	return nil, group.C1, fmt.Errorf("%s: a %T; only diffusions and GANs can be measured", path, g)
}
