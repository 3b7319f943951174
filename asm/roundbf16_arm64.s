//go:build !purego

#include "textflag.h"
#include "neon_arm64.h"

#define FCMEQ(m, n, d) WORD $(0x4E20E400 | ((m)<<16) | ((n)<<5) | (d)) // d = all ones where n = m

// func roundRowNEON(z, x *float32, quads int)
TEXT ·roundRowNEON(SB), NOSPLIT, $0-24
	MOVD z+0(FP), R0
	MOVD x+8(FP), R1
	MOVD quads+16(FP), R2
	MOVD $1, R3
	VDUP R3, V16.S4
	MOVD $0x7fff, R3
	VDUP R3, V17.S4
	MOVD $0xffff0000, R3
	VDUP R3, V18.S4
	MOVD $0x7f800000, R3
	VDUP R3, V19.S4
	MOVD $0x80000000, R3
	VDUP R3, V20.S4
	MOVD $0x00400000, R3
	VDUP R3, V21.S4

quad:
	VLD1.P 16(R1), [V0.S4]
	VUSHR  $16, V0.S4, V1.S4
	VAND   V16.B16, V1.B16, V1.B16
	VADD   V17.S4, V0.S4, V2.S4
	VADD   V1.S4, V2.S4, V2.S4     // nearest, even
	VORR   V21.B16, V0.B16, V3.B16 // NaN, whatever is cut off
	FCMEQ(0, 0, 4)
	BSL(3, 2, 4)
	VAND   V18.B16, V4.B16, V4.B16
	VAND   V20.B16, V0.B16, V5.B16 // zero
	VCMTST V19.S4, V0.S4, V6.S4
	BSL(5, 4, 6)
	VST1.P [V6.S4], 16(R0)
	SUBS   $1, R2
	BNE    quad
	RET
