//go:build !purego

#include "textflag.h"
#include "neon_arm64.h"

// func adamNEON(p, m, v, dp *float32, n int, s *AdamStep)
TEXT ·adamNEON(SB), NOSPLIT, $0-48
	MOVD    p+0(FP), R0
	MOVD    m+8(FP), R1
	MOVD    v+16(FP), R2
	MOVD    dp+24(FP), R3
	MOVD    n+32(FP), R6
	MOVD    s+40(FP), R7
	VLD1R.P 4(R7), [V16.S4] // Clip
	VLD1R.P 4(R7), [V17.S4] // Beta1
	VLD1R.P 4(R7), [V18.S4] // Gain1
	VLD1R.P 4(R7), [V19.S4] // Beta2
	VLD1R.P 4(R7), [V20.S4] // Gain2
	VLD1R.P 4(R7), [V21.S4] // Decay
	VLD1R.P 4(R7), [V22.S4] // Rate
	VLD1R.P 4(R7), [V23.S4] // Root
	VLD1R.P 4(R7), [V24.S4] // Eps

loop:
	VLD1.P 16(R3), [V3.S4]
	VLD1   (R1), [V1.S4]
	VLD1   (R2), [V2.S4]
	VLD1   (R0), [V0.S4]
	FMUL(3, 16, 3)  // g' = Clip·g
	FMUL(3, 18, 4)
	FMLA(1, 17, 4)  // m = Beta1·m + Gain1·g'
	FMUL(3, 20, 5)
	FMUL(3, 5, 5)
	FMLA(2, 19, 5)  // v = Beta2·v + (Gain2·g')·g'
	FSQRT(5, 6)
	COPY(24, 7)
	FMLA(6, 23, 7)  // Root·√v + Eps
	FDIV(7, 4, 7)
	FMUL(0, 21, 0)  // Decay·p
	FMLS(7, 22, 0)  // less Rate times the quotient
	VST1.P [V4.S4], 16(R1)
	VST1.P [V5.S4], 16(R2)
	VST1.P [V0.S4], 16(R0)
	SUBS   $4, R6
	BNE    loop
	RET
