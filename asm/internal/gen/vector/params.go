package main

import "strings"

// A param is one parameter of a kernel: a slice or a number.
type param struct {
	name  string
	slice bool
}

// parse reads a Go parameter list of []float32 and float32.
func parse(list string) []param {
	var params []param
	parts := strings.Split(list, ", ")
	slice := false
	for i := len(parts) - 1; i >= 0; i-- { // a name without a type has that of the next
		name, typ, ok := strings.Cut(parts[i], " ")
		if ok {
			slice = typ == "[]float32"
		}
		params = append([]param{{name, slice}}, params...)
	}
	return params
}
