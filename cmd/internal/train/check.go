package train

import (
	"context"
	"errors"
	"fmt"
	"os"

	"spdiff/cmd/internal/cli"
	"spdiff/cmd/internal/dataset"
	"spdiff/cmd/internal/progress"
	"spdiff/tensor"
)

// checkImages is -check: it reads all images of -data, or of the run where -data is not given, and says what is wrong with them.
func checkImages(ctx context.Context, o *options) (err error) {
	tensor.SetWorkers(o.threads)
	r := &trainRun{spec: runSpec{Data: o.data}}
	if o.resume != "" {
		if r.spec, err = readSpec(o.resume); err != nil {
			return err
		}
		if err := r.movedTo(o); err != nil {
			return err
		}
	}
	if err := r.openImages(ctx); err != nil {
		sayWrong(dataset.Wrong(err))
		return err
	}
	return r.check(ctx)
}

// sayWrong lists what is wrong, a line each.
func sayWrong(wrong []error) {
	for _, e := range wrong {
		fmt.Printf("damaged:    %.1000v\n", e)
	}
}

// check reads all images, but those that are generated: the cells would take half a minute.
func (r *trainRun) check(ctx context.Context) error {
	if dataset.Generated(r.opened) {
		fmt.Printf("images:     generated; none can be damaged\n")
		return nil
	}
	fmt.Printf("reading all of %s; Ctrl-C leaves at once\n", r.images)
	p := progress.New(os.Stdout, progress.Goal{Steps: dataset.Pieces(r.opened)})
	wrong, err := cli.Await(ctx, func() ([]error, error) {
		return dataset.Check(ctx, r.opened, func(done, _ int) { p.Update(done, "") })
	})
	p.Clear()
	if err != nil {
		return err
	}
	sayWrong(wrong)
	if err := dataset.Summary(r.spec.Data, wrong); err != nil {
		return err
	}
	fmt.Printf("images:     all of them can be read\n")
	return nil
}

// withoutDamaged adds to an error of a damaged file how to begin or go on without it.
func (r *trainRun) withoutDamaged(err error) error {
	var damaged *dataset.FileError
	if !errors.As(err, &damaged) {
		return err
	}
	way := "-data " + cli.Quoted(dataset.Without(r.spec.Data, damaged.Name))
	if r.folder != "" {
		way = r.resuming() + " " + way + " -new-data"
	}
	return fmt.Errorf("%w; -check finds all that are damaged; to go on without it:\n%s%s", err, cli.Whole, way)
}

// checkClasses returns an error if a network of this number of classes cannot learn the images, and keeps what is to be told of them.
func (r *trainRun) checkClasses(classes int) (err error) {
	if r.told, err = dataset.CheckClasses(r.opened, classes, r.spec.Limit); err != nil {
		return &cli.UsageError{Err: err}
	}
	return nil
}
