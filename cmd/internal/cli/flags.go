package cli

import (
	"flag"
	"io"
	"os"
)

// Parse reads the arguments of a command that takes flags alone, those of f, which continues on errors. What is no flag, or no
// value of one, is a UsageError; that for an argument beside the flags ends in hint. Asked for help, it prints what usage writes
// and the flags on standard output, and returns flag.ErrHelp.
func Parse(f *flag.FlagSet, args []string, usage func(io.Writer), hint string) error {
	f.SetOutput(io.Discard) // Main says what is wrong
	switch err := f.Parse(args); {
	case err == flag.ErrHelp:
		f.SetOutput(os.Stdout)
		usage(f.Output())
		f.PrintDefaults()
		return err
	case err != nil:
		return &UsageError{err}
	case f.NArg() > 0:
		return Usagef("%q is no flag%s", f.Arg(0), hint)
	}
	return nil
}
