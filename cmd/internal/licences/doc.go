// Package licences has the licences of all that is in the binaries of the commands: this module's, Go's, and those of the modules that
// they are built of, as -licences prints them. THIRD_PARTY.md is written by its test, of the modules themselves.
package licences
