//go:build !purego

#include "textflag.h"

// The 8×8 tile: row r of the accumulators is V(2r) and V(2r+1).

// func tileNEON(acc *[64]float32, offsets *[8]int, segments *Segment, count, depth int)
TEXT ·tileNEON(SB), NOSPLIT, $0-40
	MOVD acc+0(FP), R0
	MOVD offsets+8(FP), R1
	MOVD segments+16(FP), R2
	MOVD count+24(FP), R3
	MOVD depth+32(FP), R4
	MOVD R0, R5
	VLD1.P 64(R5), [V0.S4, V1.S4, V2.S4, V3.S4]
	VLD1.P 64(R5), [V4.S4, V5.S4, V6.S4, V7.S4]
	VLD1.P 64(R5), [V8.S4, V9.S4, V10.S4, V11.S4]
	VLD1.P 64(R5), [V12.S4, V13.S4, V14.S4, V15.S4]
	CBZ R4, done

segment:
	CBZ R3, done
	MOVD 0(R2), R5  // x
	MOVD 24(R2), R6 // w
	ADD  $48, R2
	SUB  $1, R3
	LDP  0(R1), (R8, R9)
	LDP  16(R1), (R10, R11)
	LDP  32(R1), (R12, R13)
	LDP  48(R1), (R14, R15)
	ADD  R5, R8
	ADD  R5, R9
	ADD  R5, R10
	ADD  R5, R11
	ADD  R5, R12
	ADD  R5, R13
	ADD  R5, R14
	ADD  R5, R15
	MOVD R4, R7

channel:
	VLD1.P  32(R6), [V16.S4, V17.S4]
	VLD1R.P 4(R8), [V18.S4]
	VLD1R.P 4(R9), [V19.S4]
	VLD1R.P 4(R10), [V20.S4]
	VLD1R.P 4(R11), [V21.S4]
	VLD1R.P 4(R12), [V22.S4]
	VLD1R.P 4(R13), [V23.S4]
	VLD1R.P 4(R14), [V24.S4]
	VLD1R.P 4(R15), [V25.S4]
	VFMLA   V16.S4, V18.S4, V0.S4
	VFMLA   V17.S4, V18.S4, V1.S4
	VFMLA   V16.S4, V19.S4, V2.S4
	VFMLA   V17.S4, V19.S4, V3.S4
	VFMLA   V16.S4, V20.S4, V4.S4
	VFMLA   V17.S4, V20.S4, V5.S4
	VFMLA   V16.S4, V21.S4, V6.S4
	VFMLA   V17.S4, V21.S4, V7.S4
	VFMLA   V16.S4, V22.S4, V8.S4
	VFMLA   V17.S4, V22.S4, V9.S4
	VFMLA   V16.S4, V23.S4, V10.S4
	VFMLA   V17.S4, V23.S4, V11.S4
	VFMLA   V16.S4, V24.S4, V12.S4
	VFMLA   V17.S4, V24.S4, V13.S4
	VFMLA   V16.S4, V25.S4, V14.S4
	VFMLA   V17.S4, V25.S4, V15.S4
	SUBS    $1, R7
	BNE     channel
	B       segment

done:
	VST1.P [V0.S4, V1.S4, V2.S4, V3.S4], 64(R0)
	VST1.P [V4.S4, V5.S4, V6.S4, V7.S4], 64(R0)
	VST1.P [V8.S4, V9.S4, V10.S4, V11.S4], 64(R0)
	VST1.P [V12.S4, V13.S4, V14.S4, V15.S4], 64(R0)
	RET
