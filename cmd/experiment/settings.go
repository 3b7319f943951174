package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"spdiff/cmd/internal/cli"
	"spdiff/cmd/internal/dataset"
	"spdiff/tensor/atomicfile"
)

// settings are what the numbers of all cells depend on: an experiment's folder has one of each. Their names are those of the flags.
// Which models, sizes, seeds and curves there are may grow from call to call.
type settings struct {
	Name         string  `json:"name"`
	Data         string  `json:"data"`
	Reference    string  `json:"reference"`
	Features     string  `json:"features"`
	Minutes      float64 `json:"minutes"` // 0: Steps
	Steps        int     `json:"steps"`
	Samples      int     `json:"samples"`
	CurveSamples int     `json:"curve-samples"`
	Restore      int     `json:"restore"`
	Evaluations  int     `json:"evaluations"`
	Solver       string  `json:"solver"`
	Diffusion    string  `json:"diffusion"`
	GAN          string  `json:"gan"`

	Images *identities `json:"images,omitempty"` // nil: of an older version, or not looked at
}

// identities are hashes of what the images of -data and -reference are, see dataset.Identity.
type identities struct {
	Data      string `json:"data"`
	Reference string `json:"reference"`
}

// identities returns those of the images that are open.
func (l *lab) identities() (*identities, error) {
	data, err := dataset.IdentityOf(l.images)
	if err != nil || l.Reference == l.Data {
		return &identities{data.Hash, data.Hash}, err
	}
	reference, err := dataset.IdentityOf(l.reference.Source)
	return &identities{data.Hash, reference.Hash}, err
}

const settingsFile = "experiment.json"

// keep writes the settings into a folder, or compares them with those that are there.
func (s settings) keep(folder string) error {
	err := s.fit(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return writeJSON(filepath.Join(folder, settingsFile), s)
	}
	return err
}

// fit returns an error if a folder has other settings, an fs.ErrNotExist if it has none.
func (s settings) fit(folder string) error {
	there, err := readSettings(folder)
	if err != nil {
		return err
	}
	return s.same(there, folder)
}

func readSettings(folder string) (s settings, err error) {
	return s, readJSON(filepath.Join(folder, settingsFile), &s)
}

// same returns an error that names the first setting, by name, in which those of a folder differ, or the images.
func (s settings) same(there settings, folder string) error {
	if s.Name != there.Name {
		return cli.Usagef("the experiment in %s is %s, and not %s: name that, or another folder by -out", folder, there.Name, s.Name)
	}
	mine, its := s.fields(), there.fields()
	for _, name := range slices.Sorted(maps.Keys(mine)) {
		if v := mine[name]; its[name] != v {
			return cli.Usagef("-%s is %v, and the experiment in %s has %v: go on with that, or name another folder by -out", name, v, folder, its[name])
		}
	}
	return s.sameImages(there, folder)
}

// sameImages returns an error if the images of a folder are known, and others.
func (s settings) sameImages(there settings, folder string) error {
	mine, its := s.Images, there.Images
	switch {
	case mine == nil || its == nil || *mine == *its:
		return nil
	case mine.Data != its.Data:
		return cli.Usagef("-data %s: these are not the images that the experiment in %s was begun with: bring those back, or name another folder by -out", s.Data, folder)
	}
	return cli.Usagef("-reference %s: these are not the images that the experiment in %s compares with: bring those back, or name another folder by -out", s.Reference, folder)
}

func (s settings) fields() (all map[string]any) {
	s.Images = nil
	text, err := json.Marshal(s)
	if err == nil {
		err = json.Unmarshal(text, &all)
	}
	if err != nil {
		panic(err) // a plain struct
	}
	return all
}

// length says how long a training is, in the words of a flag.
func (s settings) length() []string {
	if s.Steps > 0 {
		return []string{"-steps", fmt.Sprint(s.Steps)}
	}
	return []string{"-minutes", fmt.Sprint(s.Minutes)}
}

// writeJSON writes a value, whole or not at all.
func writeJSON(path string, v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return atomicfile.PutFile(path, append(text, '\n'))
}

func readJSON(path string, v any) error {
	text, err := os.ReadFile(path)
	if err == nil {
		if err = json.Unmarshal(text, v); err != nil {
			err = fmt.Errorf("%s: %w; it is damaged: remove it, and what it says is made again", path, err)
		}
	}
	return err
}
