package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"spdiff"
	"spdiff/cmd/internal/train"
)

// train makes the run of a cell, or goes on with it, until it is done; what is done already it leaves.
func (l *lab) train(ctx context.Context, c cell) error {
	folder := l.path(c.folder)
	marker := filepath.Join(folder, trainedFile)
	if is, err := done(marker); is || err != nil {
		return err
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
	ran := train.Run(ctx, append(args, "-samples", "0", "-threads", fmt.Sprint(l.threads)))
	after, err := train.Look(folder)
	if err != nil {
		return cmp.Or(ran, err)
	}
	t := trained{Steps: after.Steps, Batch: after.Batch, Seconds: after.Seconds(after.Steps)}
	l.spent.training += time.Duration((t.Seconds - before.Seconds(before.Steps)) * float64(time.Second))
	if t.Ended, err = l.badly(ctx, folder, ran); err != nil {
		return err
	}
	return writeJSON(marker, t)
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
	if at := slices.Index(flags, "-save"); at >= 0 {
		args = append(args, flags[at:at+2]...)
	}
	rest := max(1e-9, l.Minutes-p.Seconds(p.Steps)/60)
	switch {
	case l.Steps > 0:
		return append(args, "-steps", fmt.Sprint(l.Steps))
	case p.Falls > 0: // as the run would have ended
		return append(args, "-steps", fmt.Sprint(p.Falls))
	}
	if at := slices.Index(flags, "-fall"); at >= 0 { // a share of what is left is as long as one of the whole
		if share, err := strconv.ParseFloat(flags[at+1], 64); err == nil {
			args = append(args, "-fall", fmt.Sprint(min(0.9, share*l.Minutes/rest)))
		}
	}
	return append(args, "-minutes", fmt.Sprint(rest))
}

// badly says how a training ended that diverged or collapsed: its last good state is its model. Other errors it returns.
func (l *lab) badly(ctx context.Context, folder string, err error) (ended string, _ error) {
	var diverged *spdiff.DivergedError
	var collapsed *spdiff.CollapsedError
	if !errors.As(err, &diverged) && !errors.As(err, &collapsed) {
		return "", err
	}
	fmt.Printf("ended: %v\n", err)
	ended, _, _ = strings.Cut(err.Error(), "\n")
	return ended, train.Run(ctx, []string{"-resume", folder, "-model", filepath.Join(folder, modelFile)})
}
