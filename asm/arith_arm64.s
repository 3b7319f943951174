//go:build !purego

#include "textflag.h"
#include "neon_arm64.h"

// Elementwise kernels on n numbers, n a positive multiple of 16: x in V0…V3, y in V4…V7, w in V8…V11.

// func addNEON(z, x, y *float32, n int)
TEXT ·addNEON(SB), NOSPLIT, $0-32
	MOVD z+0(FP), R0
	MOVD x+8(FP), R1
	MOVD y+16(FP), R2
	MOVD n+24(FP), R6

loop:
	VLD1.P 64(R1), [V0.S4, V1.S4, V2.S4, V3.S4]
	VLD1.P 64(R2), [V4.S4, V5.S4, V6.S4, V7.S4]
	FADD(4, 0, 0)
	FADD(5, 1, 1)
	FADD(6, 2, 2)
	FADD(7, 3, 3)
	VST1.P [V0.S4, V1.S4, V2.S4, V3.S4], 64(R0)
	SUBS $16, R6
	BNE loop
	RET

// func subNEON(z, x, y *float32, n int)
TEXT ·subNEON(SB), NOSPLIT, $0-32
	MOVD z+0(FP), R0
	MOVD x+8(FP), R1
	MOVD y+16(FP), R2
	MOVD n+24(FP), R6

loop:
	VLD1.P 64(R1), [V0.S4, V1.S4, V2.S4, V3.S4]
	VLD1.P 64(R2), [V4.S4, V5.S4, V6.S4, V7.S4]
	FSUB(4, 0, 0)
	FSUB(5, 1, 1)
	FSUB(6, 2, 2)
	FSUB(7, 3, 3)
	VST1.P [V0.S4, V1.S4, V2.S4, V3.S4], 64(R0)
	SUBS $16, R6
	BNE loop
	RET

// func mulNEON(z, x, y *float32, n int)
TEXT ·mulNEON(SB), NOSPLIT, $0-32
	MOVD z+0(FP), R0
	MOVD x+8(FP), R1
	MOVD y+16(FP), R2
	MOVD n+24(FP), R6

loop:
	VLD1.P 64(R1), [V0.S4, V1.S4, V2.S4, V3.S4]
	VLD1.P 64(R2), [V4.S4, V5.S4, V6.S4, V7.S4]
	FMUL(4, 0, 0)
	FMUL(5, 1, 1)
	FMUL(6, 2, 2)
	FMUL(7, 3, 3)
	VST1.P [V0.S4, V1.S4, V2.S4, V3.S4], 64(R0)
	SUBS $16, R6
	BNE loop
	RET

// func divNEON(z, x, y *float32, n int)
TEXT ·divNEON(SB), NOSPLIT, $0-32
	MOVD z+0(FP), R0
	MOVD x+8(FP), R1
	MOVD y+16(FP), R2
	MOVD n+24(FP), R6

loop:
	VLD1.P 64(R1), [V0.S4, V1.S4, V2.S4, V3.S4]
	VLD1.P 64(R2), [V4.S4, V5.S4, V6.S4, V7.S4]
	FDIV(4, 0, 0)
	FDIV(5, 1, 1)
	FDIV(6, 2, 2)
	FDIV(7, 3, 3)
	VST1.P [V0.S4, V1.S4, V2.S4, V3.S4], 64(R0)
	SUBS $16, R6
	BNE loop
	RET

// func largerNEON(z, x, y *float32, n int)
TEXT ·largerNEON(SB), NOSPLIT, $0-32
	MOVD z+0(FP), R0
	MOVD x+8(FP), R1
	MOVD y+16(FP), R2
	MOVD n+24(FP), R6

loop:
	VLD1.P 64(R1), [V0.S4, V1.S4, V2.S4, V3.S4]
	VLD1.P 64(R2), [V4.S4, V5.S4, V6.S4, V7.S4]
	FCMGT(0, 4, 8)
	BSL(0, 4, 8)
	FCMGT(1, 5, 9)
	BSL(1, 5, 9)
	FCMGT(2, 6, 10)
	BSL(2, 6, 10)
	FCMGT(3, 7, 11)
	BSL(3, 7, 11)
	VST1.P [V8.S4, V9.S4, V10.S4, V11.S4], 64(R0)
	SUBS $16, R6
	BNE loop
	RET

// func mulAddNEON(z, x, y, w *float32, n int)
TEXT ·mulAddNEON(SB), NOSPLIT, $0-40
	MOVD z+0(FP), R0
	MOVD x+8(FP), R1
	MOVD y+16(FP), R2
	MOVD w+24(FP), R3
	MOVD n+32(FP), R6

loop:
	VLD1.P 64(R1), [V0.S4, V1.S4, V2.S4, V3.S4]
	VLD1.P 64(R2), [V4.S4, V5.S4, V6.S4, V7.S4]
	VLD1.P 64(R3), [V8.S4, V9.S4, V10.S4, V11.S4]
	FMLA(4, 0, 8)
	FMLA(5, 1, 9)
	FMLA(6, 2, 10)
	FMLA(7, 3, 11)
	VST1.P [V8.S4, V9.S4, V10.S4, V11.S4], 64(R0)
	SUBS $16, R6
	BNE loop
	RET

// func scaleNEON(z, x *float32, n int, a float32)
TEXT ·scaleNEON(SB), NOSPLIT, $0-28
	MOVD z+0(FP), R0
	MOVD x+8(FP), R1
	MOVD n+16(FP), R6
	MOVWU a+24(FP), R7
	VDUP R7, V28.S4

loop:
	VLD1.P 64(R1), [V0.S4, V1.S4, V2.S4, V3.S4]
	FMUL(0, 28, 0)
	FMUL(1, 28, 1)
	FMUL(2, 28, 2)
	FMUL(3, 28, 3)
	VST1.P [V0.S4, V1.S4, V2.S4, V3.S4], 64(R0)
	SUBS $16, R6
	BNE loop
	RET

// func addScaledNEON(z, x, y *float32, n int, a float32)
TEXT ·addScaledNEON(SB), NOSPLIT, $0-36
	MOVD z+0(FP), R0
	MOVD x+8(FP), R1
	MOVD y+16(FP), R2
	MOVD n+24(FP), R6
	MOVWU a+32(FP), R7
	VDUP R7, V28.S4

loop:
	VLD1.P 64(R1), [V0.S4, V1.S4, V2.S4, V3.S4]
	VLD1.P 64(R2), [V4.S4, V5.S4, V6.S4, V7.S4]
	FMLA(0, 28, 4)
	FMLA(1, 28, 5)
	FMLA(2, 28, 6)
	FMLA(3, 28, 7)
	VST1.P [V4.S4, V5.S4, V6.S4, V7.S4], 64(R0)
	SUBS $16, R6
	BNE loop
	RET

// func shiftNEON(z, x *float32, n int, a float32)
TEXT ·shiftNEON(SB), NOSPLIT, $0-28
	MOVD z+0(FP), R0
	MOVD x+8(FP), R1
	MOVD n+16(FP), R6
	MOVWU a+24(FP), R7
	VDUP R7, V28.S4

loop:
	VLD1.P 64(R1), [V0.S4, V1.S4, V2.S4, V3.S4]
	FADD(28, 0, 0)
	FADD(28, 1, 1)
	FADD(28, 2, 2)
	FADD(28, 3, 3)
	VST1.P [V0.S4, V1.S4, V2.S4, V3.S4], 64(R0)
	SUBS $16, R6
	BNE loop
	RET

// func lerpNEON(z, x, y *float32, n int, a float32)
TEXT ·lerpNEON(SB), NOSPLIT, $0-36
	MOVD z+0(FP), R0
	MOVD x+8(FP), R1
	MOVD y+16(FP), R2
	MOVD n+24(FP), R6
	MOVWU a+32(FP), R7
	VDUP R7, V28.S4

loop:
	VLD1.P 64(R1), [V0.S4, V1.S4, V2.S4, V3.S4]
	VLD1.P 64(R2), [V4.S4, V5.S4, V6.S4, V7.S4]
	FSUB(0, 4, 4)
	FMLA(4, 28, 0)
	FSUB(1, 5, 5)
	FMLA(5, 28, 1)
	FSUB(2, 6, 6)
	FMLA(6, 28, 2)
	FSUB(3, 7, 7)
	FMLA(7, 28, 3)
	VST1.P [V0.S4, V1.S4, V2.S4, V3.S4], 64(R0)
	SUBS $16, R6
	BNE loop
	RET

// func sqrtNEON(z, x *float32, n int)
TEXT ·sqrtNEON(SB), NOSPLIT, $0-24
	MOVD z+0(FP), R0
	MOVD x+8(FP), R1
	MOVD n+16(FP), R6

loop:
	VLD1.P 64(R1), [V0.S4, V1.S4, V2.S4, V3.S4]
	FSQRT(0, 0)
	FSQRT(1, 1)
	FSQRT(2, 2)
	FSQRT(3, 3)
	VST1.P [V0.S4, V1.S4, V2.S4, V3.S4], 64(R0)
	SUBS $16, R6
	BNE loop
	RET

// func rsqrtNEON(z, x *float32, n int)
TEXT ·rsqrtNEON(SB), NOSPLIT, $0-24
	MOVD z+0(FP), R0
	MOVD x+8(FP), R1
	MOVD n+16(FP), R6
	FMOVS $1.0, F27
	VDUP V27.S[0], V27.S4

loop:
	VLD1.P 64(R1), [V0.S4, V1.S4, V2.S4, V3.S4]
	FSQRT(0, 0)
	FDIV(0, 27, 0)
	FSQRT(1, 1)
	FDIV(1, 27, 1)
	FSQRT(2, 2)
	FDIV(2, 27, 2)
	FSQRT(3, 3)
	FDIV(3, 27, 3)
	VST1.P [V0.S4, V1.S4, V2.S4, V3.S4], 64(R0)
	SUBS $16, R6
	BNE loop
	RET

// func absNEON(z, x *float32, n int)
TEXT ·absNEON(SB), NOSPLIT, $0-24
	MOVD z+0(FP), R0
	MOVD x+8(FP), R1
	MOVD n+16(FP), R6

loop:
	VLD1.P 64(R1), [V0.S4, V1.S4, V2.S4, V3.S4]
	FABS(0, 0)
	FABS(1, 1)
	FABS(2, 2)
	FABS(3, 3)
	VST1.P [V0.S4, V1.S4, V2.S4, V3.S4], 64(R0)
	SUBS $16, R6
	BNE loop
	RET

// func clampNEON(z, x *float32, n int, lo, hi float32)
TEXT ·clampNEON(SB), NOSPLIT, $0-32
	MOVD z+0(FP), R0
	MOVD x+8(FP), R1
	MOVD n+16(FP), R6
	MOVWU lo+24(FP), R7
	VDUP R7, V28.S4
	MOVWU hi+28(FP), R7
	VDUP R7, V29.S4

loop:
	VLD1.P 64(R1), [V0.S4, V1.S4, V2.S4, V3.S4]
	FCMGT(0, 28, 4)
	BSL(0, 28, 4)
	FCMGT(29, 4, 8)
	BSL(4, 29, 8)
	FCMGT(1, 28, 5)
	BSL(1, 28, 5)
	FCMGT(29, 5, 9)
	BSL(5, 29, 9)
	FCMGT(2, 28, 6)
	BSL(2, 28, 6)
	FCMGT(29, 6, 10)
	BSL(6, 29, 10)
	FCMGT(3, 28, 7)
	BSL(3, 28, 7)
	FCMGT(29, 7, 11)
	BSL(7, 29, 11)
	VST1.P [V8.S4, V9.S4, V10.S4, V11.S4], 64(R0)
	SUBS $16, R6
	BNE loop
	RET
