package picture

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"io"
	"math"
	"slices"
)

const pngMark = "\x89PNG\r\n\x1a\n"

// keptChunks are those that say nothing of how the pixels are stored, and stay true of others.
var keptChunks = map[string]bool{
	"cHRM": true, "gAMA": true, "iCCP": true, "sRGB": true, "cICP": true, "mDCV": true, "cLLI": true, "pHYs": true, "eXIf": true,
	"tEXt": true, "zTXt": true, "iTXt": true,
}

// readPNG takes the chunks up to the end, or to one that is cut off or has a wrong sum.
func (m *Metadata) readPNG(file []byte) {
	for at := len(pngMark); at+12 <= len(file); {
		n := int64(binary.BigEndian.Uint32(file[at:]))
		if n > int64(len(file)-at-12) {
			return
		}
		named := file[at+4:][:4+n]
		if crc32.ChecksumIEEE(named) != binary.BigEndian.Uint32(file[at+8+int(n):]) {
			return
		}
		m.takePNG(string(named[:4]), named[4:])
		at += 12 + int(n)
	}
}

func (m *Metadata) takePNG(name string, body []byte) {
	if !keptChunks[name] {
		return
	}
	m.Own = append(m.Own, Chunk{Name: name, Body: body})
	switch {
	case name == "eXIf" && m.EXIF == nil:
		m.EXIF = body
	case name == "pHYs" && len(body) == 9 && body[8] == 1:
		m.X, m.Y = float64(binary.BigEndian.Uint32(body)), float64(binary.BigEndian.Uint32(body[4:]))
	}
}

// Profile returns the profile of colours, nil where there is none that is sound. That of a PNG, the first if it has several, is unpacked
// here: who writes a PNG again has no need of it.
func (m *Metadata) Profile() []byte {
	first := slices.IndexFunc(m.Own, func(c Chunk) bool { return c.Name == "iCCP" })
	if m.ICC != nil || first < 0 {
		return m.ICC
	}
	return profile(m.Own[first].Body)
}

// profile unpacks a profile of at most 16 MiB; nil if it is not sound.
func profile(body []byte) []byte {
	const most = 16 << 20
	_, rest, ok := bytes.Cut(body, []byte{0})
	if !ok || len(rest) < 1 || rest[0] != 0 {
		return nil
	}
	z, err := zlib.NewReader(bytes.NewReader(rest[1:]))
	if err != nil {
		return nil
	}
	b, err := io.ReadAll(io.LimitReader(z, most+1))
	if err != nil || len(b) > most {
		return nil
	}
	return b
}

// chunks returns the metadata of another format as those of PNG.
func (m *Metadata) chunks() (all []Chunk) {
	if m.ICC != nil {
		all = append(all, Chunk{Name: "iCCP", Body: append([]byte("profile\x00\x00"), deflated(m.ICC)...)})
	}
	if m.X > 0 && m.Y > 0 && max(m.X, m.Y) < math.MaxInt32 {
		b := binary.BigEndian.AppendUint32(nil, uint32(math.Round(m.X)))
		all = append(all, Chunk{Name: "pHYs", Body: append(binary.BigEndian.AppendUint32(b, uint32(math.Round(m.Y))), 1)})
	}
	if m.EXIF != nil {
		all = append(all, Chunk{Name: "eXIf", Body: m.EXIF})
	}
	return all
}

func deflated(b []byte) []byte {
	var z bytes.Buffer
	w := zlib.NewWriter(&z)
	w.Write(b)
	w.Close()
	return z.Bytes()
}

// encodePNG writes a PNG of 8 or 16 bits, grey or coloured, with alpha or without. image/png has neither grey with alpha nor
// metadata.
func encodePNG(w io.Writer, m *Image, alpha []uint16, depth int, kept []Chunk) error {
	head := binary.BigEndian.AppendUint32(nil, uint32(m.W))
	head = binary.BigEndian.AppendUint32(head, uint32(m.H))
	kind := byte(0)
	if m.C == 3 {
		kind = 2
	}
	if alpha != nil {
		kind += 4
	}
	p := &pngWriter{w: w}
	p.raw([]byte(pngMark))
	p.chunk("IHDR", append(head, byte(depth), kind, 0, 0, 0))
	for _, c := range kept {
		p.chunk(c.Name, c.Body)
	}
	rows := deflated(filtered(m, alpha, depth))
	for len(rows) > 0 {
		n := min(len(rows), 1<<20)
		p.chunk("IDAT", rows[:n])
		rows = rows[n:]
	}
	p.chunk("IEND", nil)
	return p.err
}

// filtered returns the rows, each of them less the one above: filter 2 of PNG, Up.
func filtered(m *Image, alpha []uint16, depth int) []byte {
	size := depth / 8
	samples := m.C
	if alpha != nil {
		samples++
	}
	row, above := make([]byte, m.W*samples*size), make([]byte, m.W*samples*size)
	z := make([]byte, 0, m.H*(len(row)+1))
	for y := range m.H {
		k := 0
		put := func(v uint16) {
			row[k] = byte(v >> 8)
			if size == 2 {
				row[k+1] = byte(v)
			}
			k += size
		}
		for i := y * m.W; i < (y+1)*m.W; i++ {
			for _, v := range m.Pix[i*m.C:][:m.C] {
				put(v)
			}
			if alpha != nil {
				put(alpha[i])
			}
		}
		z = append(z, 2)
		for i, v := range row {
			z = append(z, v-above[i])
		}
		row, above = above, row
	}
	return z
}

type pngWriter struct {
	w   io.Writer
	err error
}

func (p *pngWriter) raw(b []byte) {
	if p.err == nil {
		_, p.err = p.w.Write(b)
	}
}

func (p *pngWriter) chunk(name string, body []byte) {
	p.raw(binary.BigEndian.AppendUint32(nil, uint32(len(body))))
	named := append([]byte(name), body...)
	p.raw(named)
	p.raw(binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE(named)))
}
