//go:build !purego

#include "textflag.h"
#include "neon_arm64.h"

// The exponential family, four numbers at a time, in the steps of transcend_generic.go. Constants are in V16…V31, in the order
// of neonExp: bounds, log2e, round, ln2Hi, ln2Lo, 1, 127, expPoly, roundBits, −100.
#define CONSTANTS(bounds) \
	MOVD    $·neonExp(SB), R8 \
	MOVD    $bounds(SB), R9   \
	VLD1R.P 4(R9), [V16.S4]   \
	VLD1R.P 4(R9), [V17.S4]   \
	VLD1R.P 4(R8), [V18.S4]   \
	VLD1R.P 4(R8), [V19.S4]   \
	VLD1R.P 4(R8), [V20.S4]   \
	VLD1R.P 4(R8), [V21.S4]   \
	VLD1R.P 4(R8), [V22.S4]   \
	VLD1R.P 4(R8), [V23.S4]   \
	VLD1R.P 4(R8), [V24.S4]   \
	VLD1R.P 4(R8), [V25.S4]   \
	VLD1R.P 4(R8), [V26.S4]   \
	VLD1R.P 4(R8), [V27.S4]   \
	VLD1R.P 4(R8), [V28.S4]   \
	VLD1R.P 4(R8), [V29.S4]   \
	VLD1R.P 4(R8), [V30.S4]   \
	VLD1R.P 4(R8), [V31.S4]

// CLAMP brings V0 within V16 and V17, by V1.
#define CLAMP \
	FCMGT(0, 16, 1)  \
	BSL(0, 16, 1)    \
	FCMGT(17, 1, 0)  \
	BSL(1, 17, 0)

// SPLIT sets V1 to r and V2 to n of expSplit(V0), by V3 and V4.
#define SPLIT \
	COPY(19, 3)     \
	FMLA(18, 0, 3)  \
	FSUB(19, 3, 4)  \
	COPY(0, 1)      \
	FMLS(20, 4, 1)  \
	FMLS(21, 4, 1)  \
	VSUB V30.S4, V3.S4, V2.S4

// HORNER sets V5 to the polynomial of V1, by V6.
#define HORNER \
	COPY(25, 5)    \
	FMLA(24, 1, 5) \
	COPY(26, 6)    \
	FMLA(5, 1, 6)  \
	COPY(27, 5)    \
	FMLA(6, 1, 5)  \
	COPY(28, 6)    \
	FMLA(5, 1, 6)  \
	COPY(29, 5)    \
	FMLA(6, 1, 5)

// POW2 replaces the integers n of a register by 2ⁿ.
#define POW2(v) \
	VADD V23.S4, v.S4, v.S4 \
	VSHL $23, v.S4, v.S4

// LDEXP multiplies V0 by 2ⁿ, n in register number n, by V8 and V9.
#define LDEXP(n, v) \
	HALF(n, 8)                \
	VSUB V8.S4, v.S4, V9.S4   \
	POW2(V8)                  \
	POW2(V9)                  \
	FMUL(8, 0, 0)             \
	FMUL(9, 0, 0)

// PARTS sets V5, V6, V7, V4 to t, s, d, b of sigmoidParts(V0).
#define PARTS \
	FNEG(0, 0)                    \
	SPLIT                         \
	HORNER                        \
	FMUL(1, 5, 5)                 \
	VEOR V8.B16, V8.B16, V8.B16   \
	SMIN(8, 2, 3)                 \
	NEG(2, 4)                     \
	SMIN(8, 4, 4)                 \
	SMAX(31, 3, 6)                \
	POW2(V6)                      \
	VADD V3.S4, V4.S4, V7.S4      \
	SMAX(31, 7, 7)                \
	POW2(V7)                      \
	FMLA(6, 5, 7)                 \
	FADD(22, 7, 7)

// func expNEON(z, x *float32, n int)
TEXT ·expNEON(SB), NOSPLIT, $0-24
	MOVD z+0(FP), R0
	MOVD x+8(FP), R1
	MOVD n+16(FP), R6
	CONSTANTS(·neonExpBounds)

loop:
	VLD1.P 16(R1), [V0.S4]
	CLAMP
	SPLIT
	HORNER
	COPY(22, 0)
	FMLA(5, 1, 0)
	LDEXP(2, V2)
	VST1.P [V0.S4], 16(R0)
	SUBS   $4, R6
	BNE    loop
	RET

// func sigmoidNEON(z, x *float32, n int)
TEXT ·sigmoidNEON(SB), NOSPLIT, $0-24
	MOVD z+0(FP), R0
	MOVD x+8(FP), R1
	MOVD n+16(FP), R6
	CONSTANTS(·neonSigmoidBounds)

loop:
	VLD1.P 16(R1), [V0.S4]
	CLAMP
	PARTS
	FDIV(7, 22, 0)
	LDEXP(4, V4)
	VST1.P [V0.S4], 16(R0)
	SUBS   $4, R6
	BNE    loop
	RET

// func siluNEON(z, x *float32, n int)
TEXT ·siluNEON(SB), NOSPLIT, $0-24
	MOVD z+0(FP), R0
	MOVD x+8(FP), R1
	MOVD n+16(FP), R6
	CONSTANTS(·neonSigmoidBounds)

loop:
	VLD1.P 16(R1), [V0.S4]
	FCMGT(0, 16, 10) // the numerator is at least −110
	BSL(0, 16, 10)
	FCMGT(17, 10, 0) // and the argument at most 110
	BSL(10, 17, 0)
	PARTS
	FDIV(7, 10, 0)
	LDEXP(4, V4)
	VST1.P [V0.S4], 16(R0)
	SUBS   $4, R6
	BNE    loop
	RET

// func siluGradNEON(z, x, dz *float32, n int)
TEXT ·siluGradNEON(SB), NOSPLIT, $0-32
	MOVD z+0(FP), R0
	MOVD x+8(FP), R1
	MOVD dz+16(FP), R2
	MOVD n+24(FP), R6
	CONSTANTS(·neonSigmoidBounds)

loop:
	VLD1.P 16(R1), [V0.S4]
	VLD1.P 16(R2), [V11.S4]
	CLAMP
	COPY(0, 10)
	PARTS
	FDIV(7, 22, 0)  // w = 1/d
	COPY(6, 12)
	FMLA(6, 5, 12)  // t·s + s
	FMUL(0, 12, 12) // times w: 1 − σ
	COPY(22, 13)
	FMLA(12, 10, 13) // x·(1 − σ) + 1
	LDEXP(4, V4)
	FMUL(13, 0, 0)
	FMUL(0, 11, 0)
	VST1.P [V0.S4], 16(R0)
	SUBS   $4, R6
	BNE    loop
	RET
