package cli

import (
	"flag"
	"fmt"
	"io"
	"os"

	"spdiff/cmd/internal/licences"
)

// Parse reads the arguments of a command that takes flags alone, those of f, which continues on errors. What is no flag, or no
// value of one, is a UsageError; that for an argument beside the flags ends in hint. Asked for help, it prints what usage writes
// and the flags on standard output, and returns flag.ErrHelp; so it does with the version and the licences.
func Parse(f *flag.FlagSet, args []string, usage func(io.Writer), hint string) error {
	rest, err := ParseAll(f, args, usage)
	if err == nil && len(rest) > 0 {
		return Usagef("%q is no flag%s", rest[0], hint)
	}
	return err
}

// ParseAll reads the arguments of a command that takes others after its flags, and returns those.
func ParseAll(f *flag.FlagSet, args []string, usage func(io.Writer)) (rest []string, err error) {
	version := f.Bool("version", false, "print the version, and the hash of a model that is trained here and now: the same on every machine")
	legal := f.Bool("licences", false, "print the licences of all that is in this binary")
	f.SetOutput(io.Discard) // Main says what is wrong
	switch err := f.Parse(args); {
	case err == flag.ErrHelp:
		f.SetOutput(os.Stdout)
		usage(f.Output())
		f.PrintDefaults()
		return nil, err
	case err != nil:
		return nil, &UsageError{err}
	case *version:
		if err := printVersion(os.Stdout, f.Name()); err != nil {
			return nil, fmt.Errorf("-version: %w", err)
		}
		return nil, flag.ErrHelp
	case *legal:
		fmt.Print(licences.Text())
		return nil, flag.ErrHelp
	}
	return f.Args(), nil
}
