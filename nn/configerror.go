package nn

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// A ConfigError says that a setting cannot be. The fault is in the configuration, not in the program.
type ConfigError struct {
	Of     string // unet, gan, loss, optimiser or learning rate
	Field  string // its name in JSON
	Value  any    // what it is
	Works  any    // a value near it that would do, all else being as it is; nil where none was found
	Reason string // what is wrong with the value
}

// Error names the setting, its value, what is wrong, and what would do.
func (e *ConfigError) Error() string {
	text := fmt.Sprintf("%s: %s is %v; %s", e.Of, e.Field, e.Value, e.Reason)
	if e.Works != nil {
		text += fmt.Sprintf("; %v would do", e.Works)
	}
	return text
}

// MaxSteps is the largest number of steps of a training: what an int has on every machine.
const MaxSteps = 1<<31 - 1

// maxMemory is the largest rate of a running mean. With it the mean still moves in float32.
const maxMemory = 0.999999

// confirmed returns the error of a configuration, a copy that it may change, without a value that would not do after all. Lists are those
// of the configuration whose elements are settings.
func confirmed[C interface{ check() error }](config C, lists map[string][]int) error {
	err := config.check()
	var e *ConfigError
	if !errors.As(err, &e) || e.Works == nil {
		return err
	}
	if e.apply(&config, lists) != nil || config.check() != nil {
		e.Works = nil
	}
	return e
}

// apply changes a configuration, which config points to, as e advises.
func (e *ConfigError) apply(config any, lists map[string][]int) error {
	name, at, _ := strings.Cut(e.Field, ".")
	if i, err := strconv.Atoi(at); err == nil {
		lists[name][i] = e.Works.(int)
		return nil
	}
	members := map[string]any{e.Field: e.Works}
	if h, w, ok := strings.Cut(fmt.Sprint(e.Works), "×"); ok {
		members = map[string]any{"image_height": json.Number(h), "image_width": json.Number(w)}
	}
	text, err := json.Marshal(members)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, config)
}

// inRange returns a *ConfigError unless min ≤ value ≤ max; a NaN is out of any range.
func inRange[T int | float64](of, field string, value, min, max T) error {
	if value >= min && value <= max {
		return nil
	}
	works := min
	if value > max {
		works = max
	}
	return &ConfigError{of, field, value, works, fmt.Sprintf("it must be from %v to %v", min, max)}
}
