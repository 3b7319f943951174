//go:build !purego

#include "textflag.h"
#include "neon_arm64.h"

// The 16 chains of a reduction are V16…V19; n is a positive multiple of 16.

// func sumNEON(s *[16]float32, x *float32, n int)
TEXT ·sumNEON(SB), NOSPLIT, $0-24
	MOVD s+0(FP), R0
	MOVD x+8(FP), R1
	MOVD n+16(FP), R6
	VLD1 (R0), [V16.S4, V17.S4, V18.S4, V19.S4]

loop:
	VLD1.P 64(R1), [V0.S4, V1.S4, V2.S4, V3.S4]
	FADD(0, 16, 16)
	FADD(1, 17, 17)
	FADD(2, 18, 18)
	FADD(3, 19, 19)
	SUBS $16, R6
	BNE loop
	VST1 [V16.S4, V17.S4, V18.S4, V19.S4], (R0)
	RET

// func dotNEON(s *[16]float32, x, y *float32, n int)
TEXT ·dotNEON(SB), NOSPLIT, $0-32
	MOVD s+0(FP), R0
	MOVD x+8(FP), R1
	MOVD y+16(FP), R2
	MOVD n+24(FP), R6
	VLD1 (R0), [V16.S4, V17.S4, V18.S4, V19.S4]

loop:
	VLD1.P 64(R1), [V0.S4, V1.S4, V2.S4, V3.S4]
	VLD1.P 64(R2), [V4.S4, V5.S4, V6.S4, V7.S4]
	FMLA(4, 0, 16)
	FMLA(5, 1, 17)
	FMLA(6, 2, 18)
	FMLA(7, 3, 19)
	SUBS $16, R6
	BNE loop
	VST1 [V16.S4, V17.S4, V18.S4, V19.S4], (R0)
	RET

// func maximumNEON(s *[16]float32, x *float32, n int)
TEXT ·maximumNEON(SB), NOSPLIT, $0-24
	MOVD s+0(FP), R0
	MOVD x+8(FP), R1
	MOVD n+16(FP), R6
	VLD1 (R0), [V16.S4, V17.S4, V18.S4, V19.S4]

loop:
	VLD1.P 64(R1), [V0.S4, V1.S4, V2.S4, V3.S4]
	FCMGT(16, 0, 20)
	BSL(16, 0, 20)
	VMOV V20.B16, V16.B16
	FCMGT(17, 1, 21)
	BSL(17, 1, 21)
	VMOV V21.B16, V17.B16
	FCMGT(18, 2, 22)
	BSL(18, 2, 22)
	VMOV V22.B16, V18.B16
	FCMGT(19, 3, 23)
	BSL(19, 3, 23)
	VMOV V23.B16, V19.B16
	SUBS $16, R6
	BNE loop
	VST1 [V16.S4, V17.S4, V18.S4, V19.S4], (R0)
	RET
