// Package cli is what the mains of the commands have in common: signals, exit codes, how flags are read.
//
// A command is a function of a context and its arguments. [Main] runs it; its exit code is 0 if it is done or was asked for help,
// 2 if it was called wrongly, which a [UsageError] says, or SPDIFF_ISA names no instruction set that is here, and 1 for all other errors. [Parse] reads its flags, and [Writable] tells
// before the work whether its result can be written.
package cli
