package main

import (
	"fmt"

	"spdiff"
	"spdiff/cmd/internal/cli"
	"spdiff/cmd/internal/solvers"
)

// commands returns the lines that do what a record says: train the network, and measure the model.
func (l *lab) commands(c cell, m measure, file string, as *spdiff.Method) ([]string, error) {
	base := c
	if c.flags == nil {
		base.folder, base.flags = c.of, l.training(parent(c.model), c.size, c.seed)
	}
	flags, err := l.flags(base)
	if err != nil {
		return nil, err
	}
	all := []string{command(append([]string{"train"}, append(flags, "-samples", "0", "-out", l.path(base.folder))...))}
	if c.flags == nil && as == nil {
		all = append(all, command(append([]string{"train"}, l.lastWeights(c)...)))
	}
	measured := []string{"evaluate", "-model", file, "-reference", l.Reference}
	if as != nil {
		measured = append(measured, "-method", as.String())
	}
	if l.Features != "" {
		measured = append(measured, "-features", l.Features)
	}
	measured = append(measured, l.asked(c, m)...)
	if m.guidance != 0 {
		measured = append(measured, "-guidance", fmt.Sprint(m.guidance))
	}
	measured = append(measured, "-n", fmt.Sprint(m.samples), "-seed", fmt.Sprint(c.seed))
	if !c.model.isGAN() {
		measured = append(measured, "-solver", m.solver, "-steps", fmt.Sprint(m.evaluations))
	}
	if m.flow {
		s, err := solvers.Find(solvers.All, m.solver)
		if err != nil {
			return nil, err
		}
		measured = append(measured, s.Flow()...)
	}
	return append(all, command(measured)), nil
}

// asked returns the flags that say what evaluate is to measure: of a full measure all that its row has. Others have a distance, which it
// measures unasked.
func (l *lab) asked(c cell, m measure) []string {
	if !m.full {
		return nil
	}
	names := "fd,inv_fd"
	if l.network.Classes+l.network.Orientations > 0 {
		names += ",classes"
	}
	if l.Restore == 0 || c.model.isGAN() {
		return []string{"-measure", names}
	}
	return []string{"-measure", names + ",delta_x0", "-restore", fmt.Sprint(l.Restore)}
}

// parent returns the model that is trained for a model: itself, but of those that have another's network.
func parent(m model) model {
	if p, ok := modelOf(m.of); ok {
		return p
	}
	return m
}

// command returns a line for a shell.
func command(words []string) string {
	line := "go run ./cmd/" + words[0]
	for _, w := range words[1:] {
		line += " " + cli.Quoted(w)
	}
	return line
}
