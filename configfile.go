package spdiff

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// A settings is what a file has of a training: a Config, or a GANConfig.
type settings[C any] interface {
	Validate() error
	Resolved() C
}

// indented returns a configuration as indented JSON. It panics with a *ConfigError where a number is not finite.
func indented(c any) []byte {
	text, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		panic(unwritten(err))
	}
	return append(text, '\n')
}

// unwritten is the error of a configuration that JSON cannot hold.
func unwritten(err error) error {
	return &ConfigError{Field: "config", Reason: err.Error() + "; every number must be finite", cause: err}
}

// parsed reads a configuration from JSON and validates it. All its errors are *ConfigErrors.
func parsed[C settings[C]](text []byte) (C, error) {
	var c, none C
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&c); err != nil {
		return none, &ConfigError{Field: "JSON", Reason: err.Error(), cause: err}
	}
	if _, err := d.Token(); err != io.EOF {
		return none, &ConfigError{Field: "JSON", Reason: "something follows the object"}
	}
	return c, c.Validate()
}

// The metadata of a file, a model's or a state's, has the configuration and the version of what it is and means.
const (
	configKey = "config"
	formatKey = "version"
	format    = "1" // that of files which say none, too
)

// metadataOf returns what a file says of a configuration, given as JSON.
func metadataOf(config []byte) map[string]string {
	return map[string]string{configKey: string(config), formatKey: format}
}

// configOf reads the configuration of a file, and returns it resolved.
func configOf[C settings[C]](metadata map[string]string) (C, error) {
	var none C
	if v, ok := metadata[formatKey]; ok && v != format {
		return none, &VersionError{v}
	}
	text, ok := metadata[configKey]
	if !ok {
		return none, errors.New("the metadata has no configuration under \"config\"; is this a file of spdiff?")
	}
	c, err := parsed[C]([]byte(text))
	return c.Resolved(), err
}

// A VersionError says that a file is of another version of this package.
type VersionError struct{ Version string } // the file's

// Error says which versions there are.
func (e *VersionError) Error() string {
	return fmt.Sprintf("the file is of version %.20q and this program reads version %s; use the program that wrote it, or a newer one", e.Version, format)
}
