package main

import (
	"fmt"

	"spdiff/cmd/internal/evaluation"
)

// oriented returns the features that Inv-FID is of, where it has its own; "" where no record has such: in those of older versions it is
// of the features of the distance.
func (r results) oriented() string {
	for _, x := range r.all {
		if x.Quality.InvFeatures != "" {
			return x.Quality.InvFeatures
		}
	}
	return ""
}

// inverseName returns what the distance of Inv-FID is called, and a sentence on what it is of.
func (r results) inverseName() (name, by string) {
	if of := r.oriented(); of != "" {
		name = evaluation.DistanceName(of)
		return name, fmt.Sprintf("Inv-%s is of features %s, which turn with the images; those of %s do not.", name, of, r.all[0].Distance)
	}
	name = r.all[0].Distance
	return name, fmt.Sprintf("Features that no turn changes have an Inv-%s of 0 whatever the samples are.", name)
}

// inverted returns those of some records whose Inv-FID is that of the table: that of older ones, of the features of the distance, does
// not compare.
func (r results) inverted(some []record) []record {
	return where(some, func(x record) bool { return x.Quality.InvFeatures == r.oriented() })
}
