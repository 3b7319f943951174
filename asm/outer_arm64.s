//go:build !purego

#include "textflag.h"
#include "neon_arm64.h"

// func outerNEON(acc *[64]float32, x, y *float32, o *outerNEONArgs)
TEXT ·outerNEON(SB), NOSPLIT, $0-32
	MOVD acc+0(FP), R0
	MOVD x+8(FP), R1
	MOVD y+16(FP), R2
	MOVD o+24(FP), R3
	LDP  0(R3), (R4, R5)    // images, height
	LDP  16(R3), (R6, R7)   // width, x by image
	LDP  32(R3), (R8, R9)   // x by row, by pixel
	LDP  48(R3), (R10, R11) // y by image, by row
	MOVD 64(R3), R12        // y by pixel
	MOVD R0, R13
	VLD1.P 64(R13), [V0.S4, V1.S4, V2.S4, V3.S4]
	VLD1.P 64(R13), [V4.S4, V5.S4, V6.S4, V7.S4]
	VLD1.P 64(R13), [V8.S4, V9.S4, V10.S4, V11.S4]
	VLD1.P 64(R13), [V12.S4, V13.S4, V14.S4, V15.S4]

image:
	MOVD R1, R13
	MOVD R2, R14
	MOVD R5, R15

row:
	MOVD R13, R19
	MOVD R14, R20
	MOVD R6, R21

pixel:
	VLD1  (R19), [V16.S4, V17.S4]
	VLD1  (R20), [V18.S4, V19.S4]
	FMLAE(0, 16, 18, 0)
	FMLAE(0, 16, 19, 1)
	FMLAE(1, 16, 18, 2)
	FMLAE(1, 16, 19, 3)
	FMLAE(2, 16, 18, 4)
	FMLAE(2, 16, 19, 5)
	FMLAE(3, 16, 18, 6)
	FMLAE(3, 16, 19, 7)
	FMLAE(0, 17, 18, 8)
	FMLAE(0, 17, 19, 9)
	FMLAE(1, 17, 18, 10)
	FMLAE(1, 17, 19, 11)
	FMLAE(2, 17, 18, 12)
	FMLAE(2, 17, 19, 13)
	FMLAE(3, 17, 18, 14)
	FMLAE(3, 17, 19, 15)
	ADD   R9, R19
	ADD   R12, R20
	SUBS  $1, R21
	BNE   pixel
	ADD   R8, R13
	ADD   R11, R14
	SUBS  $1, R15
	BNE   row
	ADD   R7, R1
	ADD   R10, R2
	SUBS  $1, R4
	BNE   image
	VST1.P [V0.S4, V1.S4, V2.S4, V3.S4], 64(R0)
	VST1.P [V4.S4, V5.S4, V6.S4, V7.S4], 64(R0)
	VST1.P [V8.S4, V9.S4, V10.S4, V11.S4], 64(R0)
	VST1.P [V12.S4, V13.S4, V14.S4, V15.S4], 64(R0)
	RET
