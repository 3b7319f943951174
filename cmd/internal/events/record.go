package events

import (
	"encoding/binary"
	"hash/crc32"
	"io"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// The numbers of the fields that are written.
const (
	wallTime    = 1 // of Event: seconds since 1970
	stepField   = 2
	fileVersion = 3
	summary     = 5
	sessionLog  = 7

	status = 1 // of SessionLog
	start  = 1 // its value START

	value       = 1 // of Summary, repeated
	tag         = 1 // of Summary.Value
	simpleValue = 2
	image       = 4

	height  = 1 // of Summary.Image
	width   = 2
	colours = 3 // how many channels
	encoded = 4
)

// A message is one in Protocol Buffers' encoding: fields one after another, each a number with a type, and what it holds.
type message []byte

func (m message) varint(field protowire.Number, v uint64) message {
	return protowire.AppendVarint(protowire.AppendTag(m, field, protowire.VarintType), v)
}

func (m message) double(field protowire.Number, v float64) message {
	return protowire.AppendFixed64(protowire.AppendTag(m, field, protowire.Fixed64Type), math.Float64bits(v))
}

func (m message) float(field protowire.Number, v float32) message {
	return protowire.AppendFixed32(protowire.AppendTag(m, field, protowire.Fixed32Type), math.Float32bits(v))
}

func (m message) bytes(field protowire.Number, b []byte) message {
	return protowire.AppendBytes(protowire.AppendTag(m, field, protowire.BytesType), b)
}

func (m message) text(field protowire.Number, s string) message { return m.bytes(field, []byte(s)) }

func (m message) message(field protowire.Number, inner message) message { return m.bytes(field, inner) }

// appendRecord appends a record: length, masked CRC of it, data, masked CRC of them.
func appendRecord(b, data []byte) []byte {
	at := len(b)
	b = binary.LittleEndian.AppendUint64(b, uint64(len(data)))
	b = binary.LittleEndian.AppendUint32(b, masked(b[at:]))
	b = append(b, data...)
	return binary.LittleEndian.AppendUint32(b, masked(data))
}

// whole returns the length of the records at the beginning of a file that are as they were written. That it cannot be read is an
// error, for what follows may be good.
func whole(r io.Reader) (length int64, err error) {
	for {
		n, err := record(r)
		if n == 0 || err != nil {
			return length, err
		}
		length += n
	}
}

// record returns the length of the next record; 0 if it is cut short, or has a wrong sum.
func record(r io.Reader) (length int64, err error) {
	var head [12]byte
	if _, err := io.ReadFull(r, head[:]); err == io.EOF || err == io.ErrUnexpectedEOF {
		return 0, nil
	} else if err != nil {
		return 0, err
	}
	n := binary.LittleEndian.Uint64(head[:])
	if binary.LittleEndian.Uint32(head[8:]) != masked(head[:8]) || n > mostData {
		return 0, nil
	}
	data, err := io.ReadAll(io.LimitReader(r, int64(n)+4))
	if err != nil || uint64(len(data)) != n+4 || binary.LittleEndian.Uint32(data[n:]) != masked(data[:n]) {
		return 0, err
	}
	return int64(len(head) + len(data)), nil
}

// mostData is more than a record of these files has: pictures are the largest.
const mostData = 1 << 30

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// masked returns CRC-32C rotated and shifted, so that the CRC of data with CRCs in them is a good one.
func masked(b []byte) uint32 {
	c := crc32.Checksum(b, castagnoli)
	return (c>>15 | c<<17) + 0xa282ead8
}
