package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"spdiff/cmd/internal/cli"
	"spdiff/cmd/internal/dataset"
	"spdiff/cmd/internal/lock"
	"spdiff/tensor/atomicfile"
)

// The files of a run's folder, besides its states, state-STEPS.safetensors, and its lock.
const (
	configFile = "config.json"
	runFile    = "run.json"
	modelFile  = "model.safetensors"
	logFile    = "log.jsonl"
	csvFile    = "log.csv"
	plotFile   = "loss.png"
	samplesDir = "samples"
)

// dataSpec is what run.json keeps: where the images came from. The rest of a run's settings are its configuration.
type dataSpec struct {
	Data  string `json:"data"`
	Limit int    `json:"limit"`
}

// newFolder makes the folder of a new run and locks it: the one named, which must not exist or be empty, or the first free
// runs/NAME-1, -2, ….
func newFolder(out, data string) (string, *lock.Lock, error) {
	folder := out
	if out == "" {
		var err error
		if folder, err = nextFolder(data); err != nil {
			return "", nil, err
		}
	} else if err := checkFree(out); err != nil {
		return "", nil, err
	}
	if err := errors.Join(os.MkdirAll(folder, 0o755), atomicfile.Sync(filepath.Dir(folder))); err != nil {
		return "", nil, advise(err)
	}
	l, err := takeFolder(folder)
	if err != nil {
		return "", nil, err
	}
	return folder, l, checkFree(folder) // once more: another process may have been here before the lock was taken
}

// takeFolder locks a folder, and sweeps out what a process that was killed left half-written.
func takeFolder(folder string) (*lock.Lock, error) {
	l, err := lock.Take(folder)
	if err != nil {
		return nil, advise(err)
	}
	for _, f := range []string{folder, filepath.Join(folder, samplesDir)} {
		if err := atomicfile.Sweep(f); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, advise(err)
		}
	}
	return l, nil
}

// checkFree returns an error if a folder holds more than what a run leaves that was killed before it began.
func checkFree(folder string) error {
	entries, err := os.ReadDir(folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, e := range entries {
		if !slices.Contains([]string{lock.Name, configFile, runFile}, e.Name()) && !atomicfile.IsAside(e.Name()) {
			return cli.Usagef("-out %s: the folder is not empty; go on with its run by -resume %s, or name another", folder, folder)
		}
	}
	return nil
}

// nextFolder makes the first of runs/NAME-1, -2, … that is not there.
func nextFolder(data string) (string, error) {
	name := dataset.Name(data)
	if err := os.MkdirAll("runs", 0o755); err != nil {
		return "", advise(err)
	}
	for i := 1; ; i++ {
		folder := filepath.Join("runs", fmt.Sprintf("%s-%d", name, i))
		if err := os.Mkdir(folder, 0o755); err == nil {
			return folder, nil
		} else if !errors.Is(err, fs.ErrExist) {
			return "", advise(err)
		}
	}
}

// setAside renames a file that is damaged, for people to look at.
func setAside(path string) (string, error) {
	aside := path + ".damaged"
	return aside, os.Rename(path, aside)
}

// writeFile writes a small file, whole or not at all.
func writeFile(path string, data []byte) error {
	return atomicfile.Write(path, func(w io.Writer) error { _, err := w.Write(data); return err })
}

func (s dataSpec) write(folder string) error {
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	return writeFile(filepath.Join(folder, runFile), append(text, '\n'))
}

func readDataSpec(folder string) (s dataSpec, err error) {
	path := filepath.Join(folder, runFile)
	text, err := os.ReadFile(path)
	if err != nil {
		return s, fmt.Errorf("-resume %s: %w; is it the folder of a run?", folder, err)
	}
	if err := json.Unmarshal(text, &s); err != nil {
		return s, fmt.Errorf("%s: %w", path, err)
	}
	return s, nil
}
