package hdf5

import "fmt"

// The messages of an object header that are read.
const (
	msgSpace        = 0x01
	msgLinkInfo     = 0x02
	msgType         = 0x03
	msgFill         = 0x05
	msgLink         = 0x06
	msgExternal     = 0x07
	msgLayout       = 0x08
	msgFilters      = 0x0B
	msgContinuation = 0x10
	msgSymbols      = 0x11
)

// A message is a part of an object header.
type message struct {
	kind  int
	flags int
	data  []byte
}

const (
	shared     = 2       // a flag: the message is elsewhere
	maxHeader  = 1 << 24 // bytes of all blocks of a header
	maxBlocks  = 1 << 10
	maxLinks   = 1 << 16
	maxMessage = 1 << 16
)

// A block is a piece of an object header.
type block struct{ at, n uint64 }

// object reads the header of an object: its messages, and those of the blocks that they lead to.
func (f *File) object(at uint64) ([]message, error) {
	c, err := f.some(at, 64, "an object header")
	if err != nil {
		return nil, err
	}
	h := header{f: f, at: at}
	if c.magic("OHDR") {
		err = h.begin2(c, at)
	} else {
		c.at = 0
		err = h.begin1(c, at)
	}
	for i := 0; err == nil && i < len(h.blocks); i++ {
		err = h.read(h.blocks[i], i)
	}
	return h.messages, err
}

// A header is one that is being read.
type header struct {
	f        *File
	at       uint64
	two      bool // version 2
	ordered  bool // messages have an order
	blocks   []block
	bytes    uint64
	messages []message
}

func (h *header) begin1(c *cursor, at uint64) error {
	version := c.u8()
	c.bytes(7)
	n := c.u32()
	if c.short || version != 1 {
		return damaged("an object header", at)
	}
	return h.add(block{at + 16, n})
}

func (h *header) begin2(c *cursor, at uint64) error {
	version, flags := c.u8(), c.u8()
	h.two, h.ordered = true, flags&4 != 0
	if flags&0x20 != 0 {
		c.bytes(16) // times
	}
	if flags&0x10 != 0 {
		c.bytes(4)
	}
	n := c.uint(1 << (flags & 3))
	if c.short || version != 2 {
		return damaged("an object header", at)
	}
	return h.add(block{at + uint64(c.at), n})
}

func (h *header) add(b block) error {
	if h.bytes += min(b.n, maxHeader+1); h.bytes > maxHeader || len(h.blocks) == maxBlocks {
		return fmt.Errorf("the object header at byte %d has more than %d bytes or %d blocks", h.at, maxHeader, maxBlocks)
	}
	h.blocks = append(h.blocks, b)
	return nil
}

// read reads the messages of block i.
func (h *header) read(b block, i int) error {
	c, err := h.f.cursor(b.at, b.n, "a block of an object header")
	if err != nil {
		return err
	}
	if h.two && i > 0 {
		if len(c.b) < 8 || !c.magic("OCHK") {
			return damaged("a block of an object header", b.at)
		}
		c.b = c.b[:len(c.b)-4] // a checksum
	}
	for {
		m, ok := h.message(c)
		if !ok {
			return nil
		}
		if c.short {
			return damaged("a message of an object header", b.at)
		}
		if m.kind == msgContinuation {
			next := cursor{b: m.data, sizes: h.f.sizes}
			if err := h.add(block{next.address(), next.size()}); err != nil {
				return err
			}
			continue
		}
		if len(h.messages) == maxMessage {
			return fmt.Errorf("an object header has more than %d messages", maxMessage)
		}
		h.messages = append(h.messages, m)
	}
}

// message passes a message, and reports whether there was one.
func (h *header) message(c *cursor) (m message, ok bool) {
	head := 8
	if h.two {
		head = 4
		if h.ordered {
			head = 6
		}
	}
	if c.left() < head {
		return m, false
	}
	start := c.at
	if h.two {
		m.kind = c.u8()
	} else {
		m.kind = c.u16()
	}
	n := c.u16()
	m.flags = c.u8()
	c.at = start + head
	m.data = c.bytes(n)
	return m, true
}
