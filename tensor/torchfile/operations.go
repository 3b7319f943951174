package torchfile

import (
	"fmt"
	"slices"
)

// operations are those of pickle that torch.save needs for tensors and plain values, in protocols 2 to 5.
var operations = [256]func(*machine) error{
	0x80: func(m *machine) error { _, err := m.take(1); return err }, // PROTO
	0x95: func(m *machine) error { _, err := m.take(8); return err }, // FRAME
	'.':  func(m *machine) error { m.done = true; return nil },       // STOP

	'N':  value(nil),                                      // NONE
	0x88: value(true),                                     // NEWTRUE
	0x89: value(false),                                    // NEWFALSE
	'J':  integer(4),                                      // BININT
	'K':  func(m *machine) error { return m.unsigned(1) }, // BININT1
	'M':  func(m *machine) error { return m.unsigned(2) }, // BININT2
	0x8a: func(m *machine) error { // LONG1
		n, err := m.number(1)
		if err != nil {
			return err
		}
		return m.long(n)
	},
	'G':  (*machine).float, // BINFLOAT
	'X':  unicode(4),       // BINUNICODE
	0x8c: unicode(1),       // SHORT_BINUNICODE
	0x8d: unicode(8),       // BINUNICODE8

	'(':  func(m *machine) error { m.marks = append(m.marks, len(m.stack)); return nil }, // MARK
	')':  value(tuple{}),                                                                 // EMPTY_TUPLE
	0x85: tupleOf(1),                                                                     // TUPLE1
	0x86: tupleOf(2),                                                                     // TUPLE2
	0x87: tupleOf(3),                                                                     // TUPLE3
	't': func(m *machine) error { // TUPLE
		items, err := m.popMark()
		if err == nil {
			m.push(tuple(slices.Clone(items)))
		}
		return err
	},
	']': func(m *machine) error { m.push(&list{}); return nil }, // EMPTY_LIST
	'}': func(m *machine) error { m.push(&dict{}); return nil }, // EMPTY_DICT
	'a': with(1, (*machine).appendItems),                        // APPEND
	's': with(2, (*machine).setItems),                           // SETITEM
	'e': with(0, (*machine).appendItems),                        // APPENDS
	'u': with(0, (*machine).setItems),                           // SETITEMS

	'q':  func(m *machine) error { return m.put(1) },                    // BINPUT
	'r':  func(m *machine) error { return m.put(4) },                    // LONG_BINPUT
	0x94: func(m *machine) error { return m.keep(uint32(len(m.memo))) }, // MEMOIZE
	'h':  func(m *machine) error { return m.get(1) },                    // BINGET
	'j':  func(m *machine) error { return m.get(4) },                    // LONG_BINGET

	'c': func(m *machine) error { // GLOBAL
		module, err := m.line()
		if err != nil {
			return err
		}
		name, err := m.line()
		if err != nil {
			return err
		}
		return m.global(module, name)
	},
	0x93: func(m *machine) error { // STACK_GLOBAL
		t, err := m.popN(2)
		if err != nil {
			return err
		}
		module, isText := t[0].(string)
		name, isName := t[1].(string)
		if !isText || !isName {
			return fmt.Errorf("the pickle names a global by %s and %s; the file is corrupt", describe(t[0]), describe(t[1]))
		}
		return m.global(module, name)
	},
	'R': (*machine).reduce, // REDUCE
	'b': (*machine).build,  // BUILD
	'Q': func(m *machine) error { // BINPERSID
		id, err := m.pop()
		if err != nil {
			return err
		}
		s, err := m.persistent(id)
		m.push(s)
		return err
	},
}

func value(v any) func(*machine) error {
	return func(m *machine) error { m.push(v); return nil }
}

func integer(size uint64) func(*machine) error {
	return func(m *machine) error { return m.long(size) }
}

func unicode(size uint64) func(*machine) error {
	return func(m *machine) error {
		s, err := m.text(size)
		m.push(s)
		return err
	}
}

func tupleOf(n int) func(*machine) error {
	return func(m *machine) error {
		t, err := m.popN(n)
		m.push(t)
		return err
	}
}

// with gives a function n values from the stack, or those above the mark.
func with(n int, f func(*machine, []any) error) func(*machine) error {
	return func(m *machine) (err error) {
		var items []any
		if n > 0 {
			items, err = m.popN(n)
		} else {
			items, err = m.popMark()
		}
		if err != nil {
			return err
		}
		return f(m, items)
	}
}
