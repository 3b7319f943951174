package main

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"spdiff/cmd/internal/cli"
	"spdiff/tensor/atomicfile"
)

// A results is all that a report is made of.
type results struct {
	*options
	all []record
}

// on says on what machines the models were trained, after a comma; nothing where no record does.
func (r results) on() string {
	machines := different(r.of(func(x record) bool { return x.Training.Machine != "" }), func(x record) string { return x.Training.Machine })
	if len(machines) == 0 {
		return ""
	}
	return ", by " + strings.Join(machines, "; ")
}

// features names the features that the distances are of.
func (r results) features() string {
	return strings.Join(different(r.of(func(x record) bool { return x.Failed == "" }), func(x record) string { return x.Quality.Features }), "; ")
}

// report writes what is in the experiment's folder: report.md, two tables of numbers, and pictures.
func report(o *options) error {
	all, err := readRecords(o.out)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		fmt.Printf("report: nothing is measured in %s yet\n", o.out)
		return nil
	}
	r := results{o, all}
	files := []string{"report.csv", "speed.csv"}
	for i, text := range []string{r.numbers(), r.speeds()} {
		if err := atomicfile.PutFile(filepath.Join(o.out, files[i]), []byte(text)); err != nil {
			return err
		}
	}
	drawn, err := r.draw()
	if err != nil {
		return err
	}
	if err := atomicfile.PutFile(filepath.Join(o.out, "report.md"), []byte(r.markdown())); err != nil {
		return err
	}
	r.show()
	made(o.out, slices.Concat(files, drawn, []string{"report.md"})...)
	return nil
}

// show prints the tables of quality and of speeds.
func (r results) show() {
	for _, t := range append(r.parts(), r.rates()) {
		fmt.Print("\n" + t.plain())
	}
	fmt.Println(r.notes())
}

// markdown returns the report.
func (r results) markdown() string {
	var b strings.Builder
	for _, part := range []func() string{r.head, r.quality, r.order, r.symmetry, r.figure5, r.speed, r.solvers, r.minutes, r.ablation, r.lines} {
		if text := part(); text != "" {
			b.WriteString(text + "\n")
		}
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

func (r results) head() string {
	long := fmt.Sprintf("%v minutes", r.Minutes)
	if r.Steps > 0 {
		long = fmt.Sprintf("%d steps", r.Steps)
	}
	return fmt.Sprintf(`# %s

%s.

Images: %s. Each model was trained for %s%s. Distances are %s, of features %s: of %d samples of each model (%s, %d
evaluations; of GANs one) from %s in all its turned copies over %v. The interval of a
distance is 95 %% by a jackknife over a seed's samples, which knows of no other seeds; of several seeds it goes from the lowest end of
theirs to the highest. All others, and those of distances of more than 512 features, go from the lowest to the highest of the seeds.
Lower is better.
%s
`, r.Name, sentence(r.experiment.what), cli.Quoted(r.Data), long, r.on(), r.all[0].Distance, r.features(), r.Samples, r.Solver, r.Evaluations, cli.Quoted(r.Reference),
		r.experiment.group, r.experiment.note)
}

func sentence(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

// of returns the records that a table is of.
func (r results) of(want func(record) bool) []record { return where(r.all, want) }

// where returns those of all that are wanted.
func where(all []record, want func(record) bool) (some []record) {
	for _, x := range all {
		if want(x) {
			some = append(some, x)
		}
	}
	return some
}

// foremost returns a record of the largest size, of the first of subjects there and of its first seed: a folder may have curves and
// ablations of earlier calls too.
func foremost(some []record) record {
	return slices.MinFunc(some, func(a, b record) int {
		return cmp.Or(cmp.Compare(uint(b.Size-1), uint(a.Size-1)), // all, which is 0, is the largest
			cmp.Compare(uint(slices.Index(subjects, a.Model)), uint(slices.Index(subjects, b.Model))), // and no subject the last
			cmp.Compare(a.Seed, b.Seed))
	})
}

// wholes are those of the main table.
func (r results) wholes(key string, size int) []record {
	return r.of(func(x record) bool {
		return x.Variant == "" && x.Measure == whole && x.Model == key && x.Size == size
	})
}

// there returns the sizes and the models that there are, in their order.
func (r results) there() (sizes []int, present []model) {
	for _, x := range r.all {
		if x.Variant == "" && x.Measure == whole && !slices.Contains(sizes, x.Size) {
			sizes = append(sizes, x.Size)
		}
	}
	for _, m := range models {
		if slices.ContainsFunc(r.all, func(x record) bool { return x.Variant == "" && x.Measure == whole && x.Model == m.key }) {
			present = append(present, m)
		}
	}
	return sizes, present
}
