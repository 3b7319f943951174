package main

import (
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"
)

// numbers returns report.csv: a line a record, without what depends on the machine.
func (r results) numbers() string {
	return r.lined([]string{"cell", "measure", "model", "variant", "size", "seed", "step", "solver", "evaluations", "guidance", "samples", "distance", "fd", "fd_low", "fd_high", "inv_fd", "delta_x0",
		"orientations_percent", "paper_fid", "broke_off", "inv_features"}, func(x record) []string {
		paper := ""
		if x.Measure == whole && x.Variant == "" {
			paper = figure(r.experiment.published(x.Model, x.Size))
		}
		fd, low, high := interval(x)
		return []string{x.Cell, x.Measure, x.Model, x.Variant, sizeName(x.Size), strconv.FormatUint(x.Seed, 10), fmt.Sprint(x.Step), x.Solver, fmt.Sprint(x.Evaluations),
			fmt.Sprint(x.Guidance), fmt.Sprint(x.Quality.N), x.Distance, exactly(fd), exactly(low), exactly(high), exactly(inverse(x)), exactly(x.Deltax), exactly(uneven(x)), paper, x.Training.Ended, x.Quality.InvFeatures}
	})
}

// speeds returns speed.csv: a line a record, of what depends on the machine.
func (r results) speeds() string {
	return r.lined([]string{"cell", "measure", "model", "steps", "batch", "training_seconds", "training_images_per_second", "minutes", "drawing_seconds", "drawn_images_per_second", "features_seconds"},
		func(x record) []string {
			return []string{x.Cell, x.Measure, x.Model, fmt.Sprint(x.Training.Steps), fmt.Sprint(x.Training.Batch), fmt.Sprint(x.Training.Seconds), exactly(trainingRate(x)),
				fmt.Sprint(x.Minutes), fmt.Sprint(x.Drawing), exactly(drawingRate(x)), fmt.Sprint(x.Features)}
		})
}

func (r results) lined(head []string, line func(record) []string) string {
	var b strings.Builder
	w := csv.NewWriter(&b)
	w.Write(head)
	for _, x := range r.all {
		w.Write(line(x))
	}
	w.Flush()
	return b.String()
}

// exactly returns all digits of a number, nothing if there is none.
func exactly(v *float64) string {
	if v == nil {
		return ""
	}
	return strconv.FormatFloat(*v, 'g', -1, 64)
}
