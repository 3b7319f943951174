package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"spdiff"
	"spdiff/tensor/atomicfile"
)

// A record is a measure of a model, all that a report needs of it: FOLDER/measured/NAME.json.
type record struct {
	Cell    string `json:"cell"`
	Measure string `json:"measure"`
	Model   string `json:"model"`
	Variant string `json:"variant,omitempty"`
	Size    int    `json:"size"`   // 0: all
	Images  int    `json:"images"` // how many that is
	Seed    uint64 `json:"seed"`

	Solver      string  `json:"solver"`
	Evaluations int     `json:"evaluations"`
	Guidance    float64 `json:"guidance,omitempty"`
	Step        int     `json:"step,omitempty"`    // of a model that was kept on the way
	Minutes     float64 `json:"minutes,omitempty"` // of training until then

	Distance string         `json:"distance"` // what fd is: "FD-digits", "FID"
	Quality  spdiff.Quality `json:"quality"`
	Deltax   *float64       `json:"delta_x0,omitempty"`
	Failed   string         `json:"failed,omitempty"` // why there are no numbers

	Training trained  `json:"training"`
	Drawing  float64  `json:"drawing_seconds"`
	Features float64  `json:"features_seconds"`
	Commands []string `json:"commands"` // which do the same
}

// A trained is what a training was: FOLDER/trained.json, which says that it is done.
type trained struct {
	Steps   int     `json:"steps"`
	Batch   int     `json:"batch"`
	Seconds float64 `json:"seconds"`
	Ended   string  `json:"ended,omitempty"`   // why, where it was before its time
	Machine string  `json:"machine"`           // of its last call, in words
	Warning string  `json:"warning,omitempty"` // what train warns of
}

// The names of files within the folder of a cell, and of an experiment.
const (
	measuredDir = "measured"
	trainedFile = "trained.json"
	modelFile   = "model.safetensors"
	stripFile   = "strip.png"
	samplesFile = "samples.png"

	referenceFile = "reference.npz"
)

func recordPath(folder, name string) string { return filepath.Join(folder, measuredDir, name+".json") }

// measuredFiles returns the files of what was measured in an experiment's folder, but what a killed process left aside: their names within
// it, with slashes.
func measuredFiles(folder string) []string {
	names, err := fs.Glob(os.DirFS(folder), "*/*/"+measuredDir+"/*")
	if err != nil {
		panic(err) // the pattern is well-formed
	}
	return slices.DeleteFunc(names, func(name string) bool { return atomicfile.IsAside(path.Base(name)) })
}

// cellOf returns the folder of the cell that a file was measured of, both within the experiment's.
func cellOf(name string) string { return path.Dir(path.Dir(name)) }

// readRecords reads all records of an experiment's folder, in the order of the tables. Those in a folder that is not of their cell are
// passed over: older versions had others for the ablation, and what is made anew would count twice.
func readRecords(folder string) (all []record, err error) {
	for _, name := range measuredFiles(folder) {
		if path.Ext(name) != ".json" {
			continue
		}
		var r record
		file := filepath.Join(folder, filepath.FromSlash(name))
		if err := readJSON(file, &r); err != nil {
			return nil, err
		}
		if _, ok := modelOf(r.Model); !ok {
			return nil, fmt.Errorf("%s: there is no model %q; it is of another version of this command", file, r.Model)
		}
		if cellOf(name) == folderOf(r.Model, r.Variant, r.Size, r.Seed) {
			all = append(all, r)
		}
	}
	slices.SortFunc(all, func(a, b record) int {
		return cmp.Or(cmp.Compare(a.Variant, b.Variant), cmp.Compare(uint(a.Size-1), uint(b.Size-1)),
			cmp.Compare(slices.Index(keys(), a.Model), slices.Index(keys(), b.Model)), cmp.Compare(a.Seed, b.Seed),
			cmp.Compare(a.Step, b.Step), cmp.Compare(a.Guidance, b.Guidance), strings.Compare(a.Measure, b.Measure))
	})
	return all, nil
}

// done reports whether a file is there.
func done(path string) (bool, error) {
	_, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}
