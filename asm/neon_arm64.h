// Vector instructions that the Go assembler does not know, on four float32 each. The last register is the result:
// FSUB(m, n, d) is FSUB Vd.4S, Vn.4S, Vm.4S, d = n − m.
#define FADD(m, n, d) WORD $(0x4E20D400 | ((m)<<16) | ((n)<<5) | (d))
#define FSUB(m, n, d) WORD $(0x4EA0D400 | ((m)<<16) | ((n)<<5) | (d))
#define FMUL(m, n, d) WORD $(0x6E20DC00 | ((m)<<16) | ((n)<<5) | (d))
#define FDIV(m, n, d) WORD $(0x6E20FC00 | ((m)<<16) | ((n)<<5) | (d))
#define FMLA(m, n, d) WORD $(0x4E20CC00 | ((m)<<16) | ((n)<<5) | (d)) // d += n·m, rounded once
#define FMLAE(e, m, n, d) WORD $(0x4F801000 | (((e)&1)<<21) | (((e)>>1)<<11) | ((m)<<16) | ((n)<<5) | (d)) // d += n·m[e]
#define FSQRT(n, d) WORD $(0x6EA1F800 | ((n)<<5) | (d))
#define FABS(n, d) WORD $(0x4EA0F800 | ((n)<<5) | (d))
#define FCMGT(m, n, d) WORD $(0x6EA0E400 | ((m)<<16) | ((n)<<5) | (d)) // d = all ones where n > m
#define BSL(m, n, d) WORD $(0x6E601C00 | ((m)<<16) | ((n)<<5) | (d))   // d = n where d is ones, m where zeros
#define FMLS(m, n, d) WORD $(0x4EA0CC00 | ((m)<<16) | ((n)<<5) | (d)) // d −= n·m, rounded once
#define FNEG(n, d) WORD $(0x6EA0F800 | ((n)<<5) | (d))
#define NEG(n, d) WORD $(0x6EA0B800 | ((n)<<5) | (d))                  // of integers, as those below
#define SMIN(m, n, d) WORD $(0x4EA06C00 | ((m)<<16) | ((n)<<5) | (d))
#define SMAX(m, n, d) WORD $(0x4EA06400 | ((m)<<16) | ((n)<<5) | (d))
#define HALF(n, d) WORD $(0x4F3F0400 | ((n)<<5) | (d))                 // SSHR #1
#define COPY(n, d) WORD $(0x4EA01C00 | ((n)<<16) | ((n)<<5) | (d))     // MOV Vd.16B, Vn.16B
