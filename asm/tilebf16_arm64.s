//go:build !purego

#include "textflag.h"
#include "neon_arm64.h"

// The 4×8 tile of bf16 products. In a step row r's chains of even channels are V(2r) and V(2r+1), those of odd ones 8 registers
// on. Four channels at a time, the weights of channel k are V(16+2k) and V(17+2k), and row r's four inputs V(24+r).

// MAC adds the products of element e of four rows and the weights l and h to the chains from register d on.
#define MAC(e, l, h, d) \
	FMLAE(e, 24, l, (d)+0); FMLAE(e, 24, h, (d)+1) \
	FMLAE(e, 25, l, (d)+2); FMLAE(e, 25, h, (d)+3) \
	FMLAE(e, 26, l, (d)+4); FMLAE(e, 26, h, (d)+5) \
	FMLAE(e, 27, l, (d)+6); FMLAE(e, 27, h, (d)+7)

#define ZERO(v) VEOR v.B16, v.B16, v.B16

// TWICE adds the sum of the chains of register e and the other to z.
#define TWICE(e, z) FADD((e)+8, e, e); FADD(e, z, z)

// func tileBF16NEON(z *[32]float32, segments *SegmentBF16, a *tileBF16NEONArgs) (flushed uint64)
TEXT ·tileBF16NEON(SB), NOSPLIT, $0-32
	MOVD z+0(FP), R22
	MOVD segments+8(FP), R2
	MOVD a+16(FP), R0
	LDP  32(R0), (R3, R4) // segments and steps
	MRS  FPCR, R20
	ORR  $(1<<24), R20, R19 // FZ
	MSR  R19, FPCR
	MSR  ZR, FPSR

segment:
	CBZ  R3, done
	SUB  $1, R3
	MOVD 0(R2), R5  // x
	MOVD 24(R2), R7 // the number that it begins at
	MOVD 32(R2), R6 // w
	ADD  $56, R2
	ADD  R7<<2, R5
	LDP  0(R0), (R8, R9)
	LDP  16(R0), (R10, R11)
	ADD  R5, R8
	ADD  R5, R9
	ADD  R5, R10
	ADD  R5, R11
	MOVD R4, R7

step:
	CBZ  R7, segment
	SUB  $1, R7
	ZERO(V0)
	ZERO(V1)
	ZERO(V2)
	ZERO(V3)
	ZERO(V4)
	ZERO(V5)
	ZERO(V6)
	ZERO(V7)
	ZERO(V8)
	ZERO(V9)
	ZERO(V10)
	ZERO(V11)
	ZERO(V12)
	ZERO(V13)
	ZERO(V14)
	ZERO(V15)
	MOVD $8, R12

quad:
	VLD1.P 64(R6), [V16.S4, V17.S4, V18.S4, V19.S4]
	VLD1.P 16(R8), [V24.S4]
	VLD1.P 16(R9), [V25.S4]
	VLD1.P 16(R10), [V26.S4]
	VLD1.P 16(R11), [V27.S4]
	VLD1.P 64(R6), [V20.S4, V21.S4, V22.S4, V23.S4]
	MAC(0, 16, 17, 0)
	MAC(1, 18, 19, 8)
	MAC(2, 20, 21, 0)
	MAC(3, 22, 23, 8)
	SUBS   $1, R12
	BNE    quad
	MOVD   R22, R13
	VLD1   (R13), [V16.S4, V17.S4, V18.S4, V19.S4]
	TWICE(0, 16)
	TWICE(1, 17)
	TWICE(2, 18)
	TWICE(3, 19)
	VST1.P [V16.S4, V17.S4, V18.S4, V19.S4], 64(R13)
	VLD1   (R13), [V20.S4, V21.S4, V22.S4, V23.S4]
	TWICE(4, 20)
	TWICE(5, 21)
	TWICE(6, 22)
	TWICE(7, 23)
	VST1   [V20.S4, V21.S4, V22.S4, V23.S4], (R13)
	B      step

done:
	MRS  FPSR, R5
	MSR  R20, FPCR
	AND  $0x88, R5 // UFC and IDC
	MOVD R5, flushed+24(FP)
	RET
