package spdiff

import (
	"encoding/json"
	"fmt"
	"strings"

	"spdiff/sde"
)

// A Method is a way for a network to respect a group.
type Method int

const (
	WT    Method = iota // tied kernels (SPDiff+WT): equivariant by construction
	Plain               // an ordinary network (SPDiff), not equivariant
	OC                  // an ordinary network, its output averaged over the group (SPDiff+OC, eq. 12): |G| evaluations
	Reg                 // an ordinary network that training draws towards equivariance (SPDiff+Reg, eq. 15–17), not exact
	RegOC               // trained as Reg, averaged as OC
	GC                  // regular features (SPDiff+GC, ours): a plane of channels for each element, oriented filters
	CF                  // an ordinary network in a canonical frame (SPDiff+CF, ours): exact, but with jumps, see sde.Canonical
)

var methods = names{"wt", "plain", "oc", "reg", "reg-oc", "gc", "cf"}

// Methods returns all methods.
func Methods() []Method { return all[Method](methods) }

// Exact reports whether models of the method commute with their group to the last bit.
func (m Method) Exact() bool { return m != Plain && m != Reg }

// averaged reports whether a model is the average of a network over the group.
func (m Method) averaged() bool { return m == OC || m == RegOC }

// regularised reports whether the loss has a penalty for what is not equivariant.
func (m Method) regularised() bool { return m == Reg || m == RegOC }

// String returns the name, as in a configuration file.
func (m Method) String() string { return methods.of(int(m)) }

// MarshalText implements encoding.TextMarshaler.
func (m Method) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler: the error for an unknown name lists the known ones.
func (m *Method) UnmarshalText(text []byte) error { return methods.parse("method", text, (*int)(m)) }

// A Prediction is what a network learns to predict from a noisy image.
type Prediction int

const (
	Image          Prediction = iota // x₀, as the paper's code does
	Noise                            // ε
	Velocity                         // v = αε − σx₀
	Preconditioned                   // the target of sde.PredictEDM, of variance 1 at every time, from an input of variance 1
)

var predictions = names{"x0", "eps", "v", "edm"}

// Predictions returns all of them.
func Predictions() []Prediction { return all[Prediction](predictions) }

// String returns the name, as in a configuration file.
func (p Prediction) String() string { return predictions.of(int(p)) }

// MarshalText implements encoding.TextMarshaler.
func (p Prediction) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (p *Prediction) UnmarshalText(text []byte) error {
	return predictions.parse("prediction", text, (*int)(p))
}

// A Schedule is how noise grows with time: a diffusion process.
type Schedule int

const (
	Cosine Schedule = iota // sde.PaperCosine
	Linear                 // sde.SongLinear
	SubVP                  // sde.SongSubVP
	VE                     // sde.SongVE
	EDM                    // sde.EDM
	Nichol                 // sde.Nichol
)

var schedules = names{"cosine", "linear", "sub-vp", "ve", "edm", "nichol"}

var processes = [...]sde.Process{sde.PaperCosine, sde.SongLinear, sde.SongSubVP, sde.SongVE, sde.EDM{}, sde.Nichol{}}

// Schedules returns all of them.
func Schedules() []Schedule { return all[Schedule](schedules) }

// Process returns the diffusion process. It panics with a *ConfigError if there is no such schedule.
func (s Schedule) Process() sde.Process {
	if !schedules.has(int(s)) {
		panic(&ConfigError{Field: "schedule", Value: s, Reason: "there are " + strings.Join(schedules, ", ")})
	}
	return processes[s]
}

// String returns the name, as in a configuration file.
func (s Schedule) String() string { return schedules.of(int(s)) }

// MarshalText implements encoding.TextMarshaler.
func (s Schedule) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *Schedule) UnmarshalText(text []byte) error {
	return schedules.parse("schedule", text, (*int)(s))
}

// A Weighting says how much an error counts at each time, see [sde.Weight].
type Weighting int

const (
	Flat            Weighting = iota // every error of what the network predicts alike
	DataError                        // sde.DataWeight: every error of x₀
	NoiseError                       // sde.NoiseWeight: every error of ε
	ScoreError                       // sde.ScoreWeight: every error of the score
	LikelihoodBound                  // sde.LikelihoodWeight
	MinSNR                           // sde.MinSNR(5)
)

var weightings = names{"flat", "x0", "eps", "score", "likelihood", "min-snr"}

// Weightings returns all of them.
func Weightings() []Weighting { return all[Weighting](weightings) }

var errorWeights = [...]sde.Weight{nil, sde.DataWeight, sde.NoiseWeight, sde.ScoreWeight, sde.LikelihoodWeight, sde.MinSNR(5)}

// String returns the name, as in a configuration file.
func (w Weighting) String() string { return weightings.of(int(w)) }

// MarshalText implements encoding.TextMarshaler.
func (w Weighting) MarshalText() ([]byte, error) { return []byte(w.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (w *Weighting) UnmarshalText(text []byte) error {
	return weightings.parse("weight", text, (*int)(w))
}

// A Times is how training draws times t on (0, 1). Errors count the more where there are more of them.
type Times int

const (
	UniformTimes Times = iota // all alike; of the EDM schedule, which has no others, ln σ ~ N(−1.2, 1.2²)
	LogitNormal               // ln(t/(1−t)) ~ N(0, 1): few of almost no noise, or of almost nothing else (Esser and others 2024, eq. 19)
)

var timesNames = names{"uniform", "logit-normal"}

// AllTimes returns all of them.
func AllTimes() []Times { return all[Times](timesNames) }

// String returns the name, as in a configuration file.
func (t Times) String() string { return timesNames.of(int(t)) }

// MarshalText implements encoding.TextMarshaler.
func (t Times) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (t *Times) UnmarshalText(text []byte) error { return timesNames.parse("times", text, (*int)(t)) }

// A Switch is on, off, or as the method wants it.
type Switch int

const (
	ByMethod Switch = iota
	On
	Off
)

var switches = names{"method", "on", "off"}

// String returns method, on or off.
func (s Switch) String() string { return switches.of(int(s)) }

// MarshalJSON returns true, false or "method".
func (s Switch) MarshalJSON() ([]byte, error) {
	switch s {
	case On:
		return []byte("true"), nil
	case Off:
		return []byte("false"), nil
	}
	return json.Marshal(s.String())
}

// UnmarshalJSON takes what MarshalJSON returns.
func (s *Switch) UnmarshalJSON(text []byte) error {
	switch string(text) {
	case "true":
		*s = On
	case "false":
		*s = Off
	case `"method"`, "null":
		*s = ByMethod
	default:
		return fmt.Errorf("a switch is true, false or \"method\", not %.20s", text)
	}
	return nil
}

// names are those of the values 0, 1, … of a type.
type names []string

func (n names) of(i int) string {
	if i < 0 || i >= len(n) {
		return fmt.Sprintf("unknown (%d)", i)
	}
	return n[i]
}

func (n names) parse(what string, text []byte, to *int) error {
	for i, name := range n {
		if strings.EqualFold(string(text), name) {
			*to = i
			return nil
		}
	}
	return fmt.Errorf("there is no %s %q; there are %s", what, text, strings.Join(n, ", "))
}

func (n names) has(i int) bool { return i >= 0 && i < len(n) }

// all returns the values that have names.
func all[T ~int](n names) []T {
	values := make([]T, len(n))
	for i := range values {
		values[i] = T(i)
	}
	return values
}
