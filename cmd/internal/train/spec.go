package train

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"spdiff/tensor/atomicfile"
)

// A runSpec is what run.json keeps: where the images came from, the path absolute, and what is written on the way. The rest of a
// run's settings are its configuration, which its states have.
type runSpec struct {
	Data  string `json:"data"`
	Limit int    `json:"limit"`
	Keep  int    `json:"keep,omitempty"` // models kept from one step to twice as many
	GAN   bool   `json:"gan,omitempty"`  // its states are a GAN's
}

func (s runSpec) write(folder string) error {
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	return atomicfile.PutFile(filepath.Join(folder, runFile), append(text, '\n'))
}

func readSpec(folder string) (s runSpec, err error) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return s, fmt.Errorf("-resume %s: %w; is it the folder of a run?", folder, err)
	}
	defer root.Close()
	text, err := root.ReadFile(runFile)
	if err != nil {
		return s, fmt.Errorf("-resume %s: %w; is it the folder of a run?", folder, err)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	path := filepath.Join(folder, runFile)
	if err := d.Decode(&s); err != nil {
		return s, fmt.Errorf("%s: %w; it has the images and how many of them, as {\"data\": \"/path/to/them\", \"limit\": 0}", path, err)
	}
	if s.Data == "" || s.Limit < 0 || s.Keep < 0 || s.Keep > mostKept {
		return s, fmt.Errorf("%s: it has \"data\": %q, \"limit\": %d, \"keep\": %d; data must be named, and the numbers not negative", path, s.Data, s.Limit, s.Keep)
	}
	return s, nil
}
