package sde

import (
	"fmt"
	"math"
	"reflect"
)

// A SettingError says that a setting of a solver makes no sense.
type SettingError struct {
	Solver string // the solver's type: "DDIM"
	Field  string // the setting: "Eta"
	Value  any    // what it is
	Rule   string // what it must be
	Take   any    // a value that works
}

// Error names the solver and the setting, its value, the rule, and a value that works.
func (e *SettingError) Error() string {
	return fmt.Sprintf("sde: %s.%s is %v; it must be %s, such as %v", e.Solver, e.Field, e.Value, e.Rule, e.Take)
}

// CheckSolver returns nil if a solution can be made by s. Else it returns the error of its Validate, or a [*SettingError] where
// there is no solver: nil, or a pointer that is nil.
func CheckSolver(s Solver) error {
	if v := reflect.ValueOf(s); !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
		return &SettingError{"Sampler", "Solver", s, "a solver", "DDIM{Eta: 1}"}
	}
	return s.Validate()
}

// A setting is a number among a solver's settings and what it must be.
type setting struct {
	field    string
	value    float64
	from, to float64 // ends included
	take     float64
}

// validate returns an error for the first setting that is a NaN or outside its range.
func validate(solver string, settings ...setting) error {
	for _, s := range settings {
		if !(s.value >= s.from && s.value <= s.to) {
			rule := fmt.Sprintf("from %v to %v", s.from, s.to)
			if s.to == math.MaxFloat64 {
				rule = fmt.Sprintf("a finite number, %v or more", s.from)
			} else if math.IsInf(s.to, 1) {
				rule = fmt.Sprintf("%v or more", s.from)
			}
			return &SettingError{solver, s.field, s.value, rule, s.take}
		}
	}
	return nil
}

// must panics with an error if there is one.
func must(err error) {
	if err != nil {
		panic(err)
	}
}
