// Package asm has the float32 kernels under everything else: functions on slices.
//
// Each kernel exists once in plain Go, its reference, which says what it computes to the last bit: which operations, in which
// order, where they round. Versions for AVX-512, AVX2 and NEON are faster copies with the same bits, for every length,
// alignment and value (a NaN is a NaN; its payload is not part of the promise). So a program gives the same results on every
// machine, and a kernel is tested by equality.
//
//   - A product is one chain of fused multiply-adds for each element, in a documented order, however it is tiled: see [Tile]
//     and [Outer]. A bf16 product is a chain of steps, each rounded as the hardware instruction rounds it, on every machine: see
//     [TileBF16].
//   - A sum over a vector is 16 chains side by side, then a tree: see [Sum]. A sum over the rows of an orbit is a tree over
//     neighbours, which a group of symmetries maps to itself: see [OrbitSum], [TreeSum] and
//     [RingSums]. Of what an element of order two exchanges, sum and difference keep their bits or change the sign: [AddSub].
//   - Elementary functions are polynomials of our own within 2 ulp of the true value: see [Exp]. Nothing is estimated.
//
// In plain Go [FMA] is the multiply-add with one rounding. It is made of float64 operations, unless a test at program start shows
// that the compiler makes one fused operation of x*y + z. Only then are the fused loops of the products used. A product
// that must round by itself is written float32(x*y), for the compiler fuses otherwise on some machines. Products of two bf16 are exact
// in float32, so plain Go adds them by x*y + z anywhere, unless numbers are so small or so large that the definition has more to say.
//
// # Choice
//
// The best instruction set of the machine is chosen when the program starts. The environment variable SPDIFF_ISA names
// another (amx, avx512bf16, avx512, avx2, neon, generic), for tests and comparisons; [ISA] tells which it is, and [ISAError] whether there is
// none of that name. With amx, bf16 products use tiles, and all else is as with avx512. amx is available where the processor has tiles
// for bf16, the operating system saves them (see XCR0), Linux grants the process the permission that is then requested once, and
// test products have the bits of [TileBF16]. avx512bf16 must pass the same test. [Refused] says which of the two the processor has in vain,
// and why.
// With the build tag purego there is no assembly at all. Kernels check the lengths of their slices and panic with a [*LengthError].
//
// # Files
//
// A family of kernels is a few files: name.go has the documentation and the checks, name_generic.go the references,
// name_amd64.go the choice, name_amd64.s and name_stubs_amd64.go what internal/gen generates, name_arm64.go and name_arm64.s what is
// written by hand, name_noasm.go what all other machines do. internal/tilerun runs the kernels of AMX on machines without it.
package asm
