package spdiff

import (
	"encoding/json"
	"errors"
	"fmt"
	"spdiff/nn"
	"strings"
)

// A ConfigError says which setting is wrong, and what would be right: it is the fault of who wrote the configuration.
type ConfigError struct {
	Field  string // as in JSON
	Value  any    // nil where a group of settings does not fit together
	Reason string // what would be right

	cause error
}

// Error names the setting, its value and what would be right.
func (e *ConfigError) Error() string {
	var part *nn.ConfigError
	switch {
	case errors.As(e.cause, &part):
		return fmt.Sprintf("config: %v", part) // it names the setting, of a network, an optimiser or a rate
	case e.Value == nil:
		return fmt.Sprintf("config: %s: %s", e.Field, e.Reason)
	}
	return fmt.Sprintf("config: %s is %v; %s", e.Field, e.Value, e.Reason)
}

// Unwrap returns the cause, such as an error of [nn.UNetConfig.Validate], or nil.
func (e *ConfigError) Unwrap() error { return e.cause }

// Limits that keep arithmetic within an int, and a weight within a float32.
const (
	maxChannels = 1 << 15
	maxBatch    = 1 << 16
	maxPenalty  = 1e6
)

// Validate returns nil if a model can be trained, else a *ConfigError that says which setting is wrong and what would be right.
// What is derived need not be right.
func (c Config) Validate() error {
	for _, check := range []func() error{c.checkNames, c.checkNumbers, c.checkParts} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

// checkNames checks the settings that have names.
func (c Config) checkNames() error {
	for _, f := range []struct {
		field string
		value fmt.Stringer
		i     int
		names names
	}{
		{"method", c.Method, int(c.Method), methods},
		{"predict", c.Predict, int(c.Predict), predictions},
		{"schedule", c.Schedule, int(c.Schedule), schedules},
		{"weight", c.Weight, int(c.Weight), weightings},
		{"times", c.Times, int(c.Times), timesNames},
		{"augment", c.Augment, int(c.Augment), switches},
	} {
		if !f.names.has(f.i) {
			return &ConfigError{Field: f.field, Value: f.value, Reason: "there are " + strings.Join(f.names, ", ")}
		}
	}
	return c.Precision.check()
}

// checkNumbers checks what stands for itself.
func (c Config) checkNumbers() error {
	switch {
	case !(c.Penalty >= 0 && c.Penalty <= maxPenalty):
		return &ConfigError{Field: "penalty", Value: c.Penalty, Reason: fmt.Sprintf("it must be from 0, which stands for 1, to %v", maxPenalty)}
	case c.Penalty > 0 && !c.Method.regularised():
		return &ConfigError{Field: "penalty", Value: c.Penalty, Reason: fmt.Sprintf("method %v has no regulariser: it must be 0, or the method %v or %v",
			c.Method, Reg, RegOC)}
	case !(c.DropClass >= 0 && c.DropClass < 1):
		return &ConfigError{Field: "drop_class", Value: c.DropClass, Reason: "it must be at least 0 and less than 1; 0.1 is usual"}
	case c.DropClass > 0 && c.Network.Classes == 0:
		return &ConfigError{Field: "drop_class", Value: c.DropClass, Reason: "the network is told no classes: it must be 0, or network.classes their number"}
	case !(c.Augmentation >= 0 && c.Augmentation <= 1):
		return &ConfigError{Field: "augmentation", Value: c.Augmentation, Reason: "it must be from 0, none, to 1; 0.12 is usual"}
	case c.Batch < 1 || c.Batch > maxBatch:
		return &ConfigError{Field: "batch", Value: c.Batch, Reason: fmt.Sprintf("it must be from 1 to %d", maxBatch)}
	case c.Steps < 0 || c.Steps > MaxSteps:
		return &ConfigError{Field: "steps", Value: c.Steps, Reason: fmt.Sprintf("it must be from 0 to %d", MaxSteps)}
	case len(c.Optimiser.Averages) == 0:
		return &ConfigError{Field: "optimizer.averages", Value: "empty", Reason: "a model is the first of them: rate 0.999, or 0 for the last weights"}
	case c.Network.Out < 1 || c.Network.Out > maxChannels:
		return &ConfigError{Field: "network.out", Value: c.Network.Out, Reason: fmt.Sprintf("it must be from 1 to %d: 1 for grey images, 3 for colours", maxChannels)}
	}
	return checkClassNames(c.ClassNames, c.Network.Classes)
}

// checkClassNames returns an error unless all classes have a name, which may be "", or none has.
func checkClassNames(names []string, classes int) error {
	if len(names) > 0 && len(names) != classes {
		return &ConfigError{Field: "class_names", Value: len(names), Reason: fmt.Sprintf("the network has %d classes: name all of them or none", classes)}
	}
	return nil
}

// maxSteps returns how many steps there can be: as many as have draws of their own, of an int of 32 bits fewer than MaxSteps.
func (c Config) maxSteps() int { return min(MaxSteps, maxDraws/c.Batch) }

// checkParts checks the parts that check themselves, and that JSON can hold all.
func (c Config) checkParts() error {
	c = c.Resolved()
	for _, part := range []struct {
		field string
		err   error
	}{
		{"group", c.Group.Acts(c.Network.ImageHeight, c.Network.ImageWidth)},
		{"network", c.Network.Validate()},
		{"optimizer", c.Optimiser.Validate()},
		{"rate", c.Rate.Validate()},
	} {
		if part.err != nil {
			return &ConfigError{Field: part.field, Reason: part.err.Error(), cause: part.err}
		}
	}
	if _, err := json.Marshal(c); err != nil {
		return unwritten(err)
	}
	return nil
}
