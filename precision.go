package spdiff

import (
	"strings"

	"spdiff/tensor"
)

// A Precision is what both factors of a network's products are rounded to: convolutions, linear maps and attention, and their
// gradients. All else is float32 whatever it is: sums, norms, exponentials, weights, moments and running means, and files. So a
// model can be evaluated in another precision than it was trained in. What is promised of a network in bits, equivariance and
// results that do not depend on machine, threads or batch, holds in either.
type Precision int

const (
	DefaultPrecision Precision = iota // of a Config, Float32; of a Reversal or an Evaluation, the model's own
	Float32                           // tensor.Float32
	BF16                              // tensor.BF16: faster where there is hardware for it
)

var precisionNames = names{"float32", "bf16"}

// Precisions returns all that there are to choose.
func Precisions() []Precision { return []Precision{Float32, BF16} }

// String returns the name, as in a configuration file; that of DefaultPrecision is empty.
func (p Precision) String() string {
	if p == DefaultPrecision {
		return ""
	}
	return precisionNames.of(int(p) - 1)
}

// IsZero reports whether a configuration in JSON leaves p out, as all did when there was but float32.
func (p Precision) IsZero() bool { return p == DefaultPrecision || p == Float32 }

// MarshalText implements encoding.TextMarshaler.
func (p Precision) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler: the error for an unknown name lists the known ones. No text is the default.
func (p *Precision) UnmarshalText(text []byte) error {
	*p = DefaultPrecision
	if len(text) == 0 {
		return nil
	}
	var i int
	err := precisionNames.parse("precision", text, &i)
	if err == nil {
		*p = Precision(i + 1)
	}
	return err
}

// Or returns p, or other if p is DefaultPrecision.
func (p Precision) Or(other Precision) Precision {
	if p == DefaultPrecision {
		return other
	}
	return p
}

// ofProducts returns what tensor calls it.
func (p Precision) ofProducts() tensor.Precision {
	if p == BF16 {
		return tensor.BF16
	}
	return tensor.Float32
}

// valid reports whether there is such a precision.
func (p Precision) valid() bool { return p >= DefaultPrecision && p <= BF16 }

// check returns a *ConfigError unless there is such a precision.
func (p Precision) check() error {
	if !p.valid() {
		return &ConfigError{Field: "precision", Value: int(p), Reason: precisionChoice}
	}
	return nil
}

// precisionChoice says what there is.
var precisionChoice = "there are " + strings.Join(precisionNames, ", ")
