//go:build !purego

#include "textflag.h"
#include "neon_arm64.h"

// The 8×8 tile. Row r of the accumulators is V(2r) and V(2r+1). Four channels at a time, the weights of channel k are
// V(16+2k) and V(17+2k), and row r's four inputs V(24+r). FMLA takes a factor from an element of a register, so that nothing
// is spread over a register first, which would cost the pipes that multiply.

// LOADn loads four channels of n rows.
#define LOAD1 VLD1.P 16(R8), [V24.S4]
#define LOAD2 LOAD1; VLD1.P 16(R9), [V25.S4]
#define LOAD3 LOAD2; VLD1.P 16(R10), [V26.S4]
#define LOAD4 LOAD3; VLD1.P 16(R11), [V27.S4]
#define LOAD5 LOAD4; VLD1.P 16(R12), [V28.S4]
#define LOAD6 LOAD5; VLD1.P 16(R13), [V29.S4]
#define LOAD7 LOAD6; VLD1.P 16(R14), [V30.S4]
#define LOAD8 LOAD7; VLD1.P 16(R15), [V31.S4]

// PICKn loads one channel of n rows, the element 0.
#define PICK1 FMOVS.P 4(R8), F24
#define PICK2 PICK1; FMOVS.P 4(R9), F25
#define PICK3 PICK2; FMOVS.P 4(R10), F26
#define PICK4 PICK3; FMOVS.P 4(R11), F27
#define PICK5 PICK4; FMOVS.P 4(R12), F28
#define PICK6 PICK5; FMOVS.P 4(R13), F29
#define PICK7 PICK6; FMOVS.P 4(R14), F30
#define PICK8 PICK7; FMOVS.P 4(R15), F31

// MACn adds the products of element e of n rows and the weights l and h.
#define MAC1(e, l, h) FMLAE(e, 24, l, 0); FMLAE(e, 24, h, 1)
#define MAC2(e, l, h) MAC1(e, l, h); FMLAE(e, 25, l, 2); FMLAE(e, 25, h, 3)
#define MAC3(e, l, h) MAC2(e, l, h); FMLAE(e, 26, l, 4); FMLAE(e, 26, h, 5)
#define MAC4(e, l, h) MAC3(e, l, h); FMLAE(e, 27, l, 6); FMLAE(e, 27, h, 7)
#define MAC5(e, l, h) MAC4(e, l, h); FMLAE(e, 28, l, 8); FMLAE(e, 28, h, 9)
#define MAC6(e, l, h) MAC5(e, l, h); FMLAE(e, 29, l, 10); FMLAE(e, 29, h, 11)
#define MAC7(e, l, h) MAC6(e, l, h); FMLAE(e, 30, l, 12); FMLAE(e, 30, h, 13)
#define MAC8(e, l, h) MAC7(e, l, h); FMLAE(e, 31, l, 14); FMLAE(e, 31, h, 15)

// CHANNELS goes over the channels of a segment, R7 quads of them and then R21 more.
#define CHANNELS(LOAD, PICK, MAC, quad, rest, single) \
	CBZ    R7, rest                                  \
quad:                                                    \
	VLD1.P 64(R6), [V16.S4, V17.S4, V18.S4, V19.S4]  \
	LOAD                                             \
	VLD1.P 64(R6), [V20.S4, V21.S4, V22.S4, V23.S4]  \
	MAC(0, 16, 17)                                   \
	MAC(1, 18, 19)                                   \
	MAC(2, 20, 21)                                   \
	MAC(3, 22, 23)                                   \
	SUBS   $1, R7                                    \
	BNE    quad                                      \
rest:                                                    \
	CBZ    R21, segment                              \
single:                                                  \
	VLD1.P 32(R6), [V16.S4, V17.S4]                  \
	PICK                                             \
	MAC(0, 16, 17)                                   \
	SUBS   $1, R21                                   \
	BNE    single                                    \
	B      segment

// EACH calls ROW for the rows that there are, R19 of them; at is the offset of the row's place in the arguments.
#define EACH(ROW, done) \
	ROW(0, V0, V1)   \
	CMP $(1), R19; BEQ done; ROW(8, V2, V3) \
	CMP $(2), R19; BEQ done; ROW(16, V4, V5) \
	CMP $(3), R19; BEQ done; ROW(24, V6, V7) \
	CMP $(4), R19; BEQ done; ROW(32, V8, V9) \
	CMP $(5), R19; BEQ done; ROW(40, V10, V11) \
	CMP $(6), R19; BEQ done; ROW(48, V12, V13) \
	CMP $(7), R19; BEQ done; ROW(56, V14, V15)

#define FROM(at, l, h) MOVD (64+at)(R0), R5; ADD R1, R5; VLD1 (R5), [l.S4, h.S4]
#define TO(at, l, h) MOVD (128+at)(R0), R5; ADD R22, R5; VST1 [l.S4, h.S4], (R5)

// func tileNEON(to, from *float32, segments *Segment, a *tileNEONArgs)
TEXT ·tileNEON(SB), NOSPLIT, $0-32
	MOVD to+0(FP), R22
	MOVD from+8(FP), R1
	MOVD segments+16(FP), R2
	MOVD a+24(FP), R0
	LDP  192(R0), (R3, R4) // segments and channels
	MOVD 208(R0), R19      // rows
	AND  $3, R4, R20
	LSR  $2, R4
	EACH(FROM, segment)

segment:
	CBZ  R3, store
	SUB  $1, R3
	MOVD 0(R2), R5  // x
	MOVD 24(R2), R6 // w
	ADD  $48, R2
	LDP  0(R0), (R8, R9)
	LDP  16(R0), (R10, R11)
	LDP  32(R0), (R12, R13)
	LDP  48(R0), (R14, R15)
	ADD  R5, R8
	ADD  R5, R9
	ADD  R5, R10
	ADD  R5, R11
	ADD  R5, R12
	ADD  R5, R13
	ADD  R5, R14
	ADD  R5, R15
	MOVD R4, R7
	MOVD R20, R21
	CMP  $(8), R19
	BEQ  rows8
	CMP  $(7), R19
	BEQ  rows7
	CMP  $(6), R19
	BEQ  rows6
	CMP  $(5), R19
	BEQ  rows5
	CMP  $(4), R19
	BEQ  rows4
	CMP  $(3), R19
	BEQ  rows3
	CMP  $(2), R19
	BEQ  rows2

	CHANNELS(LOAD1, PICK1, MAC1, quad1, rest1, single1)

rows2:
	CHANNELS(LOAD2, PICK2, MAC2, quad2, rest2, single2)

rows3:
	CHANNELS(LOAD3, PICK3, MAC3, quad3, rest3, single3)

rows4:
	CHANNELS(LOAD4, PICK4, MAC4, quad4, rest4, single4)

rows5:
	CHANNELS(LOAD5, PICK5, MAC5, quad5, rest5, single5)

rows6:
	CHANNELS(LOAD6, PICK6, MAC6, quad6, rest6, single6)

rows7:
	CHANNELS(LOAD7, PICK7, MAC7, quad7, rest7, single7)

rows8:
	CHANNELS(LOAD8, PICK8, MAC8, quad8, rest8, single8)

store:
	EACH(TO, done)

done:
	RET
