// Package solvers is the table of the solvers that commands offer: their names, what each is for, and the flags of their settings.
//
// A command defines the flags of the settings that it has, finds a solver by its name, and makes it of the settings. What each solver is,
// with its order, stands in a table of package sde.
package solvers
