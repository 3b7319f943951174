package asm

// Constants of the elementary functions. The polynomials are minimax in relative error, computed by asm/internal/gen/minimax
// and rounded to float32, highest power first; the error given is that of the rounded polynomial in exact arithmetic.
const (
	// round is 1.5·2²³: a number below 2²² added to it leaves its nearest integer in the low bits of the sum.
	round     = 0x1.8p23
	roundBits = 0x4b400000

	log2e = 1.44269504088896340736 // 1/ln 2
	ln2   = 0.693147180559945309417
	ln2Hi = 0x1.62e43p-1 // ln 2 to 24 bits; k·ln2Hi comes off x without rounding
	ln2Lo = ln2 - ln2Hi

	twoOverPi = 0.636619772367581343076
	piHalf    = 1.57079632679489661923132169163975144
	piHalf1   = 0x1.921fb6p+0 // π/2 to 24 bits, then the next 24, then the next
	piHalf2   = -0x1.777a5cp-25
	piHalf3   = -0x1.ee59dap-50

	trigLimit = 1 << 17    // the greatest argument that three parts of π/2 reduce, and that assembly does
	tanhSplit = 0.55       // tanh is a polynomial below
	twoThirds = 0x3f2aaaab // the bits of 2/3
)

var (
	// expPoly is (eʳ − 1)/r on |r| ≤ ln 2/2, leaving an error of 2^−27.7 in eʳ.
	expPoly = [...]float32{0x1.6a236cp-10, 0x1.123a5ap-07, 0x1.5558f4p-05, 0x1.55549p-03, 0x1.fffffcp-02, 1}

	// logPoly is (ln(1+f) − f)/f² on |f| ≤ 1/3, leaving an error of 2^−26.6 in ln(1+f).
	logPoly = [...]float32{-0x1.09300ep-03, 0x1.1ecf7cp-03, -0x1.f25ea2p-04, 0x1.1ebebcp-03, -0x1.55a74cp-03,
		0x1.99d1eep-03, -0x1.fffe84p-03, 0x1.555502p-02, -0x1p-01}

	// tanhPoly is (tanh a − a)/a³ in a², on a ≤ 0.55, leaving an error of 2^−27.8 in tanh a.
	tanhPoly = [...]float32{-0x1.9b3204p-08, 0x1.593d52p-06, -0x1.b92884p-05, 0x1.110d26p-03, -0x1.55554ap-02}

	// sinPoly is (sin r − r)/r³ and cosPoly is (cos r − 1)/r², both in r², on |r| ≤ π/4, errors 2^−26.9 and 2^−32.6.
	sinPoly = [...]float32{-0x1.994384p-13, 0x1.11073ap-07, -0x1.555546p-03}
	cosPoly = [...]float32{0x1.99eb46p-16, -0x1.6c0c32p-10, 0x1.55554ap-05, -0.5}
)
