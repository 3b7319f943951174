package safetensors

import (
	"encoding/binary"
	"math"
)

// A dtype is a type of numbers in a file: their size in bytes, and the float32 nearest to one.
type dtype struct {
	size int
	get  func(b []byte) float32
}

// dtypes are those that Read understands, by their names in headers. Numbers that float32 cannot hold are rounded.
var dtypes = map[string]dtype{
	"F64":  {8, func(b []byte) float32 { return float32(math.Float64frombits(binary.LittleEndian.Uint64(b))) }},
	"F32":  {4, func(b []byte) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(b)) }},
	"F16":  {2, func(b []byte) float32 { return half(binary.LittleEndian.Uint16(b)) }},
	"BF16": {2, func(b []byte) float32 { return math.Float32frombits(uint32(binary.LittleEndian.Uint16(b)) << 16) }},
	"I64":  {8, func(b []byte) float32 { return float32(int64(binary.LittleEndian.Uint64(b))) }},
	"I32":  {4, func(b []byte) float32 { return float32(int32(binary.LittleEndian.Uint32(b))) }},
	"I16":  {2, func(b []byte) float32 { return float32(int16(binary.LittleEndian.Uint16(b))) }},
	"I8":   {1, func(b []byte) float32 { return float32(int8(b[0])) }},
	"U64":  {8, func(b []byte) float32 { return float32(binary.LittleEndian.Uint64(b)) }},
	"U32":  {4, func(b []byte) float32 { return float32(binary.LittleEndian.Uint32(b)) }},
	"U16":  {2, func(b []byte) float32 { return float32(binary.LittleEndian.Uint16(b)) }},
	"U8":   {1, func(b []byte) float32 { return float32(b[0]) }},
	"BOOL": {1, func(b []byte) float32 { return float32(b[0]) }},
}

// Numbers returns the size in bytes of a number of a type, by its name in headers (F64 F32 F16 BF16 I64 I32 I16 I8 U64 U32 U16 U8
// BOOL), and the function from its bytes, little-endian, to the nearest float32. For a name that is none the size is 0.
func Numbers(name string) (size int, get func(b []byte) float32) {
	t := dtypes[name]
	return t.size, t.get
}

// half returns the IEEE half-precision number with bits h, exactly.
func half(h uint16) float32 {
	sign, exp, frac := uint32(h>>15)<<31, uint32(h>>10&0x1f), uint32(h&0x3ff)
	switch exp {
	case 0: // zero and denormals: frac·2⁻²⁴
		return math.Float32frombits(sign | math.Float32bits(float32(frac)*(1.0/(1<<24))))
	case 0x1f: // infinity and NaN
		return math.Float32frombits(sign | 0x7f800000 | frac<<13)
	}
	return math.Float32frombits(sign | (exp+127-15)<<23 | frac<<13)
}
