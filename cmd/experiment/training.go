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
	t := trained{Steps: after.Steps, Batch: after.Batch, Seconds: after.Seconds(after.Steps), Machine: machine()}
	l.spent.training += time.Duration((t.Seconds - before.Seconds(before.Steps)) * float64(time.Second))
	if t.Ended, err = l.badly(ctx, folder, ran); err != nil {
		return err
	}
	return writeJSON(marker, t)
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
	if save, ok := valueOf(flags, "save"); ok {
		args = append(args, "-save", save)
	}
	if p.Falls > 0 { // as the run would have ended
		return append(args, "-steps", fmt.Sprint(p.Falls))
	}
	end, whole, rest := []string{"-steps", fmt.Sprint(l.Steps)}, float64(l.Steps), float64(l.Steps-p.Steps)
	if l.Steps == 0 {
		whole, rest = l.Minutes, max(1e-9, l.Minutes-p.Seconds(p.Steps)/60)
		end = []string{"-minutes", fmt.Sprint(rest)}
	}
	return slices.Concat(args, fallOf(flags, whole, rest), end)
}

// fallOf returns the flag with which what is left of a training falls as long as the whole would have.
func fallOf(flags []string, whole, rest float64) []string {
	text, ok := valueOf(flags, "fall")
	share, err := strconv.ParseFloat(text, 64)
	if !ok || err != nil || rest <= 0 {
		return nil
	}
	return []string{"-fall", fmt.Sprint(min(0.9, share*whole/rest))}
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
