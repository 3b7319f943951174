package main

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"

	"spdiff"
	"spdiff/cmd/internal/cli"
)

// A served is a model that requests can name.
type served struct {
	*spdiff.Model
	name        string
	counterpart string // the name of one that has what this has not: the guarantee, or its absence; "" if there is none
}

// names of models are part of paths.
var names = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// other is the method that makes something else of the same weights: an exactly equivariant model, or one that is not.
var other = map[spdiff.Method]spdiff.Method{
	spdiff.Plain: spdiff.OC, spdiff.OC: spdiff.Plain, spdiff.Reg: spdiff.RegOC, spdiff.RegOC: spdiff.Reg, spdiff.CF: spdiff.Plain,
}

// load reads the models of -model flags, FILE or NAME=FILE, and gives each a counterpart.
func load(flags []string) ([]*served, error) {
	var all []*served
	for _, f := range flags {
		name, path := split(f)
		if err := usable(all, name); err != nil {
			return nil, err
		}
		m, err := spdiff.Load(path)
		if err != nil {
			return nil, err
		}
		if c := m.Config().Network.Out; c != 1 && c != 3 {
			return nil, fmt.Errorf("%s: its images have %d channels; only grey ones (1) and colours (3) are served", path, c)
		}
		all = append(all, &served{Model: m, name: name})
	}
	return pair(all)
}

// split returns the name and the path that a flag says. Without a name it is that of the file, or of a run's folder.
func split(flag string) (name, path string) {
	if name, path, ok := strings.Cut(flag, "="); ok {
		return name, path
	}
	name = strings.TrimSuffix(filepath.Base(flag), filepath.Ext(flag))
	if absolute, err := filepath.Abs(flag); err == nil && name == "model" {
		name = filepath.Base(filepath.Dir(absolute))
	}
	return name, flag
}

func usable(all []*served, name string) error {
	if !names.MatchString(name) {
		return cli.Usagef("-model: %q is no name for a model: one has up to 64 letters, digits, dots, dashes and underscores, a letter or digit first; say NAME=FILE", name)
	}
	return single(all, name)
}

// single returns an error if there is a model of that name. One that is derived of a name may be longer than those that are given.
func single(all []*served, name string) error {
	if find(all, name) != nil {
		return cli.Usagef("-model: two are named %s; say NAME=FILE", name)
	}
	return nil
}

func find(all []*served, name string) *served {
	for _, m := range all {
		if m.name == name {
			return m
		}
	}
	return nil
}

// pair gives each model a counterpart: another of the same images, or else one of the same weights, which is then served too.
func pair(all []*served) ([]*served, error) {
	for _, m := range all {
		for _, n := range all {
			if m.counterpart == "" && m.comparable(n) {
				m.counterpart = n.name
			}
		}
	}
	for _, m := range all {
		method, ok := other[m.Config().Method]
		if m.counterpart != "" || !ok {
			continue
		}
		of, err := m.As(method)
		if err != nil {
			return nil, err
		}
		n := &served{Model: of, name: m.name + "." + method.String(), counterpart: m.name}
		if err := single(all, n.name); err != nil {
			return nil, err
		}
		m.counterpart = n.name
		all = append(all, n)
	}
	return all, nil
}

// comparable reports whether two models are of the same images, and one of them alone is exact.
func (m *served) comparable(n *served) bool {
	c, d := m.Config(), n.Config()
	return c.Method.Exact() != d.Method.Exact() && c.Group == d.Group && c.Network.ImageHeight == d.Network.ImageHeight &&
		c.Network.ImageWidth == d.Network.ImageWidth && c.Network.Out == d.Network.Out && c.Network.Classes == d.Network.Classes
}
