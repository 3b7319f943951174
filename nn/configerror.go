package nn

import "fmt"

// A ConfigError says that a setting cannot be. The fault is in the configuration, not in the program.
type ConfigError struct {
	Of     string // unet, gan, loss, optimiser or learning rate
	Field  string // its name in JSON
	Value  any    // what it is
	Works  any    // a value near it that would do as far as this setting goes: another may be wrong then; nil where none was found
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
