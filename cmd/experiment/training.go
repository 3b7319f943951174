package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"spdiff"
	"spdiff/asm"
	"spdiff/cmd/internal/train"
	"spdiff/tensor"
)

// train makes the run of a cell, or goes on with it, until it is done; what is done already it leaves.
func (l *lab) train(ctx context.Context, c cell) error {
	folder := l.path(c.folder)
	marker := filepath.Join(folder, trainedFile)
	if is, err := done(marker); err != nil {
		return err
	} else if is {
		return l.here(c)
	}
	flags, err := l.flags(c)
	if err != nil {
		return err
	}
	before, err := train.Look(folder)
	args := append(slices.Clone(flags), "-out", folder)
	if err == nil {
		args = l.resumption(flags, folder, before)
	} else if !errors.Is(err, os.ErrNotExist) {
		return err
	}
	ran := l.runTrain(ctx, append(args, "-samples", "0"))
	after, err := train.Look(folder)
	if err != nil {
		return cmp.Or(ran, err)
	}
	t := trained{Steps: after.Steps, Batch: after.Batch, Seconds: after.Seconds(after.Steps), Machine: machine()}
	if t.Warning, err = train.Warning(flags, l.images); err != nil {
		return err
	}
	l.spent.training += time.Duration((t.Seconds - before.Seconds(before.Steps)) * float64(time.Second))
	if t.Ended, err = l.badly(ctx, folder, ran); err != nil {
		return err
	}
	return writeJSON(marker, t)
}

// runTrain runs the command train with the threads of this one, which those that it sets are for all that follows.
func (l *lab) runTrain(ctx context.Context, args []string) error {
	return train.Run(ctx, append(args, "-threads", fmt.Sprint(l.threads)))
}

// here returns an error if more is to be measured of a cell whose model is elsewhere: its numbers were merged.
func (l *lab) here(c cell) error {
	folder := l.path(networkOf(c))
	path := filepath.Join(folder, modelFile)
	if is, err := done(path); is || err != nil || len(l.left(c).measures) == 0 {
		return err
	}
	return fmt.Errorf("there is no %s, and more is to be measured: numbers alone were merged. Go on in the folder where it was trained, and merge again; "+
		"or remove %s, and it is trained anew", path, strings.Join(append([]string{folder}, l.derived(c)...), " and "))
}

// derived returns the existing folders of cells that have the network of a cell's training, or its length. They do not go with the numbers
// of another training.
func (l *lab) derived(c cell) (folders []string) {
	m := parent(c.model)
	if networkOf(c) != folderOf(m.key, "", c.size, c.seed) { // a variant's own
		return nil
	}
	for _, d := range models {
		if d.of == m.key {
			folders = append(folders, l.path(folderOf(d.key, "", c.size, c.seed)))
		}
	}
	for _, v := range variants {
		if v.follows() {
			folders = append(folders, l.path(folderOf(m.key, v.key, c.size, c.seed)))
		}
	}
	return slices.DeleteFunc(folders, func(folder string) bool { return !has(folder) })
}

// machine says on what this process computes.
func machine() string {
	return fmt.Sprintf("%s/%s, %d threads, %s", runtime.GOOS, runtime.GOARCH, tensor.Workers(), asm.ISA())
}

// flags returns those of a cell's training. How long a decay is, the training before has shown.
func (l *lab) flags(c cell) ([]string, error) {
	v, ok := variantOf(c.variant)
	if !ok || !v.decay {
		return c.flags, nil
	}
	t, err := l.trained(c.of)
	return append(slices.Clone(c.flags), "-decay", fmt.Sprint(max(leastDecay, t.Steps))), err
}

// leastDecay is a step more than a learning rate takes to rise.
const leastDecay = 101

// trained returns what the training of a folder was.
func (l *lab) trained(folder string) (t trained, err error) {
	return t, readJSON(filepath.Join(l.path(folder), trainedFile), &t)
}

// resumption returns the arguments that go on with a run until it has what the flags say.
func (l *lab) resumption(flags []string, folder string, p train.Progress) []string {
	args := []string{"-resume", folder, "-data", l.Data}
	for _, name := range []string{"save", "evaluate", "inception"} { // which no state has
		if value, ok := valueOf(flags, name); ok {
			args = append(args, "-"+name, value)
		}
	}
	if p.Falls > 0 { // as the run would have ended
		return append(args, "-steps", fmt.Sprint(p.Falls))
	}
	if l.Steps > 0 { // whose fall the state knows
		return append(args, "-steps", fmt.Sprint(l.Steps))
	}
	rest := max(1e-9, l.Minutes-p.Seconds(p.Steps)/60)
	return append(append(args, l.fallOf(flags, rest)...), "-minutes", fmt.Sprint(rest))
}

// fallOf returns the flag with which the minutes that are left of a training have a fall as long as that of the whole.
func (l *lab) fallOf(flags []string, rest float64) []string {
	text, ok := valueOf(flags, "fall")
	share, err := strconv.ParseFloat(text, 64)
	if !ok || err != nil {
		return nil
	}
	return []string{"-fall", fmt.Sprint(min(0.9, share*l.Minutes/rest))}
}

// badly says how a training ended that diverged or collapsed: its last good state is its model. Other errors it returns.
func (l *lab) badly(ctx context.Context, folder string, err error) (ended string, _ error) {
	var diverged *spdiff.DivergedError
	var collapsed *spdiff.CollapsedError
	switch {
	case errors.As(err, &diverged):
		ended = diverged.Error()
	case errors.As(err, &collapsed):
		ended = collapsed.Error()
	default:
		return "", err
	}
	fmt.Printf("ended: %v\n", err)
	return ended, l.runTrain(ctx, []string{"-resume", folder, "-model", filepath.Join(folder, modelFile)})
}
