package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"spdiff/tensor/atomicfile"
)

// The files of a run's folder.
const (
	configFile = "config.json"
	runFile    = "run.json"
	modelFile  = "model.safetensors"
	stateFile  = "state.safetensors"
	logFile    = "log.jsonl"
	plotFile   = "loss.png"
	samplesDir = "samples"
)

// dataSpec is what run.json keeps: where the images came from. The rest of a run's settings are its configuration.
type dataSpec struct {
	Data  string `json:"data"`
	Limit int    `json:"limit"`
}

// newFolder makes the folder of a new run: the one named, which must not exist or be empty, or the first free runs/NAME-1,
// -2, ….
func newFolder(out, data string) (string, error) {
	if out != "" {
		entries, err := os.ReadDir(out)
		if err == nil && len(entries) > 0 {
			return "", usageError{fmt.Errorf("-out %s: the folder is not empty; go on with its run by -resume %s, or name another", out, out)}
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
		return out, os.MkdirAll(out, 0o755)
	}
	name, _, _ := strings.Cut(data, ":")
	if err := os.MkdirAll("runs", 0o755); err != nil {
		return "", err
	}
	for i := 1; ; i++ {
		folder := filepath.Join("runs", fmt.Sprintf("%s-%d", name, i))
		if err := os.Mkdir(folder, 0o755); err == nil {
			return folder, nil
		} else if !errors.Is(err, fs.ErrExist) {
			return "", err
		}
	}
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
