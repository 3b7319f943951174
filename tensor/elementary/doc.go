// Package elementary has exponential, logarithm, powers and circular functions of float64 numbers with the same bits everywhere.
//
// What is computed once, and decides many float32 numbers, is computed in float64: the coefficients of a solver, of an
// optimiser's step, of a schedule. math's own functions may use a machine's instructions, or be fused by the compiler, and
// then differ in the last bit from one architecture to the next. These round after every operation: the conversions
// float64(x*y) forbid fusion. They are slower than package math's, which is enough for a program that needs the value alone.
package elementary
