// Package train is the command train, for its own main and for commands that train many models: a training in a folder, with its
// states, logs and samples, that can be stopped at any moment and goes on to the same bits.
//
// [Run] takes the command's arguments, so that whatever trains a model can say the line that does the same.
package train

import "context"

// Run is the command: read the flags, open the data, train into a folder or say what that would cost.
func Run(ctx context.Context, args []string) error {
	o, err := parse(args)
	if err != nil {
		return err
	}
	switch {
	case o.model != "":
		return newRun(o).export(ctx, o.resume, o.model, o.given["average"])
	case o.look:
		return checkImages(ctx, o)
	case o.plan:
		return plan(ctx, o)
	}
	r, err := begin(ctx, o)
	if err != nil {
		return err
	}
	defer r.close()
	if err := r.watch(ctx, o); err != nil {
		return err
	}
	return r.train(ctx)
}
