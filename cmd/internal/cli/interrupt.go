package cli

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
)

// An Interrupt is the cause of a context that a signal cancelled.
type Interrupt struct{ Signal os.Signal }

// Error says which signal it was.
func (i *Interrupt) Error() string { return fmt.Sprintf("ended by a signal: %v", i.Signal) }

// Unwrap returns context.Canceled: whoever ends with the cause of a context, a source of images say, ends as with its error.
func (i *Interrupt) Unwrap() error { return context.Canceled }

// Code returns the exit code of a command that ended so: 128 and the signal's number, as of a process that the signal killed, 130
// for Ctrl-C.
func (i *Interrupt) Code() int {
	if s, ok := i.Signal.(syscall.Signal); ok {
		return 128 + int(s)
	}
	return 1
}

// in returns the text of a command's error, how far it is and how to go on, with the signal in place of the cancellation.
func (i *Interrupt) in(err error) string {
	return strings.ReplaceAll(err.Error(), context.Canceled.Error(), i.Error())
}

// IgnoreBrokenPipes makes a pipe or a connection that nobody reads any more an error of what is written there, and no signal. A
// service calls it before [Main], which else would end it when one client goes away.
func IgnoreBrokenPipes() {
	for _, s := range interrupts() {
		if broken(s) {
			signal.Ignore(s)
		}
	}
}

// interruptible returns a context that the first signal of interrupts cancels. From then on the signals have their default effect, and end
// the process, except that of a pipe that nobody reads, which every further line would raise again. A signal that the process was started
// to ignore, as by nohup, stays ignored.
func interruptible() context.Context {
	wanted := slices.DeleteFunc(interrupts(), signal.Ignored)
	if len(wanted) == 0 {
		return context.Background()
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, wanted...)
	go func() {
		s := <-signals
		for _, s := range wanted {
			if !broken(s) {
				signal.Reset(s)
			}
		}
		cancel(&Interrupt{s})
	}()
	return ctx
}

// Await returns what f returns, or before that the context's error once it is cancelled: f then goes on by itself, and what it
// makes is lost. It is for work that knows no context. A panic of f is one
// here, a *PanicError.
func Await[T any](ctx context.Context, f func() (T, error)) (T, error) {
	type result struct {
		value    T
		err      error
		panicked *PanicError
	}
	done := make(chan result, 1)
	go func() {
		var r result
		defer func() {
			if p := recover(); p != nil {
				r.panicked = caught(p)
			}
			done <- r
		}()
		r.value, r.err = f()
	}()
	select {
	case r := <-done:
		if r.panicked != nil {
			panic(r.panicked)
		}
		return r.value, r.err
	case <-ctx.Done():
		return *new(T), ctx.Err()
	}
}
