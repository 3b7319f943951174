// Package cli is what the mains of the commands have in common: signals, exit codes, how flags are read.
//
// A command is a function of a context and its arguments. [Main] runs it. Its exit code is
//
//	0        it is done, or was asked for help; the service serve also returns 0 when a signal asked it to stop
//	1        an error, or a panic, which is said in one line
//	2        it was called wrongly, which a [UsageError] says, or SPDIFF_ISA names no instruction set that is here
//	128 + s  signal s asked it to end, and it did: 130 for Ctrl-C, 143 for kill, 129 for a terminal that closed, 141 for a broken pipe, which a service takes for an error of its writing
//
// [Parse] reads its flags, and [WritableFile] and [WritableFolder] tell before the work whether its result can be written.
package cli
