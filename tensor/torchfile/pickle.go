package torchfile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// maxPickle bounds the pickle, in bytes: some hundred thousand tensors.
const maxPickle = 16 << 20

// Values are nil, bool, int64, float64, string, and these, beside globals, storages and views.
type (
	tuple []any
	list  struct{ items []any }
	dict  struct{ keys, values []any }
)

// describe says what a value is, in errors.
func describe(v any) string {
	switch v := v.(type) {
	case global:
		return v.String()
	case *view:
		return "a tensor"
	case *storage:
		return "a storage"
	case tuple, *list:
		return "a list"
	case *dict:
		return "a table"
	}
	return fmt.Sprintf("%.80q", fmt.Sprint(v))
}

// A machine runs a pickle (PEP 307, 3154; pickletools of Python says what each operation does): a stack of values, some of them
// marked, and values kept by number. Each operation takes a byte and makes at most one value, so memory is bounded by the pickle.
type machine struct {
	in       []byte // the operations that are left
	stack    []any
	marks    []int // lengths of the stack
	memo     map[uint32]any
	storages map[string]*storage
	sizeOf   func(key string) (int64, error) // the bytes of a storage
	legacy   int64                           // of a legacy file, instead: the file's size
	done     bool
}

// unpickle returns the object that a pickle describes.
func unpickle(program []byte, sizeOf func(key string) (int64, error)) (any, error) {
	m := &machine{in: program, memo: map[uint32]any{}, storages: map[string]*storage{}, sizeOf: sizeOf}
	for !m.done {
		at := len(program) - len(m.in)
		if err := m.step(); err != nil {
			return nil, fmt.Errorf("byte %d: %w", at, err)
		}
	}
	return m.pop()
}

// step runs an operation.
func (m *machine) step() error {
	b, err := m.take(1)
	if err != nil {
		return err
	}
	op := operations[b[0]]
	if op == nil {
		return fmt.Errorf("the pickle's operation %#02x is none that torch.save writes for tensors and plain values", b[0])
	}
	return op(m)
}

var errShort = errors.New("the pickle ends in the middle; the file is truncated or corrupt")

// take returns the next n bytes.
func (m *machine) take(n uint64) ([]byte, error) {
	if n > uint64(len(m.in)) {
		return nil, errShort
	}
	b := m.in[:n]
	m.in = m.in[n:]
	return b, nil
}

// number returns the next unsigned number of size bytes, at most 8, little-endian.
func (m *machine) number(size uint64) (uint64, error) {
	b, err := m.take(size)
	var whole [8]byte
	copy(whole[:], b)
	return binary.LittleEndian.Uint64(whole[:]), err
}

// line returns the text before the next end of a line.
func (m *machine) line() (string, error) {
	n := bytes.IndexByte(m.in, '\n')
	if n < 0 {
		return "", errShort
	}
	b, err := m.take(uint64(n + 1))
	return string(b[:n]), err
}

// text returns a text after its length, a number of size bytes.
func (m *machine) text(size uint64) (string, error) {
	n, err := m.number(size)
	if err != nil {
		return "", err
	}
	b, err := m.take(n)
	return string(b), err
}

func (m *machine) push(v any) { m.stack = append(m.stack, v) }

var errEmpty = errors.New("the pickle takes a value where there is none; the file is corrupt")

// pop takes the value on top, unless it lies below a mark.
func (m *machine) pop() (any, error) {
	last := len(m.stack) - 1
	if last < 0 || len(m.marks) > 0 && last < m.marks[len(m.marks)-1] {
		return nil, errEmpty
	}
	v := m.stack[last]
	m.stack = m.stack[:last]
	return v, nil
}

// popMark takes the values above the last mark, which are valid until the next push, and the mark.
func (m *machine) popMark() ([]any, error) {
	last := len(m.marks) - 1
	if last < 0 {
		return nil, errEmpty
	}
	at := m.marks[last]
	m.marks = m.marks[:last]
	items := m.stack[at:]
	m.stack = m.stack[:at]
	return items, nil
}

// popN takes n values.
func (m *machine) popN(n int) (tuple, error) {
	t := make(tuple, n)
	for i := n - 1; i >= 0; i-- {
		v, err := m.pop()
		if err != nil {
			return nil, err
		}
		t[i] = v
	}
	return t, nil
}

// top returns the value on top, which stays.
func (m *machine) top() (any, error) {
	v, err := m.pop()
	if err == nil {
		m.push(v)
	}
	return v, err
}

// setItems puts keys and values, one after the other, into the table on top.
func (m *machine) setItems(items []any) error {
	v, err := m.top()
	d, ok := v.(*dict)
	if err == nil && (!ok || len(items)%2 != 0) {
		err = fmt.Errorf("the pickle sets items of %s; the file is corrupt", describe(v))
	}
	if err != nil {
		return err
	}
	for i := 0; i < len(items); i += 2 {
		d.keys, d.values = append(d.keys, items[i]), append(d.values, items[i+1])
	}
	return nil
}

// appendItems appends to the list on top.
func (m *machine) appendItems(items []any) error {
	v, err := m.top()
	l, ok := v.(*list)
	if err == nil && !ok {
		err = fmt.Errorf("the pickle appends to %s; the file is corrupt", describe(v))
	}
	if err == nil {
		l.items = append(l.items, items...)
	}
	return err
}

// global pushes a global that is allowed.
func (m *machine) global(module, name string) error {
	g := global{module, name}
	if !g.allowed() {
		return &GlobalError{module, name}
	}
	m.push(g)
	return nil
}

// reduce calls the function below its arguments.
func (m *machine) reduce() error {
	t, err := m.popN(2)
	if err != nil {
		return err
	}
	g, isGlobal := t[0].(global)
	args, isTuple := t[1].(tuple)
	if !isGlobal || !isTuple {
		return fmt.Errorf("the pickle calls %s; the file is corrupt", describe(t[0]))
	}
	v, err := g.build(args)
	m.push(v)
	return err
}

// build drops the attributes of a table, as the versions that modules keep beside their state dicts.
func (m *machine) build() error {
	if _, err := m.pop(); err != nil {
		return err
	}
	v, err := m.top()
	if _, ok := v.(*dict); err == nil && !ok {
		err = fmt.Errorf("the pickle sets attributes of %s; the file is corrupt", describe(v))
	}
	return err
}

// long pushes a whole number of size bytes, in two's complement.
func (m *machine) long(size uint64) error {
	if size > 8 {
		return fmt.Errorf("a whole number has %d bytes; at most 8 are read", size)
	}
	u, err := m.number(size)
	shift := 64 - 8*size
	m.push(int64(u<<shift) >> shift)
	return err
}

// unsigned pushes an unsigned whole number of size bytes.
func (m *machine) unsigned(size uint64) error {
	u, err := m.number(size)
	m.push(int64(u))
	return err
}

// keep keeps the value on top under a number.
func (m *machine) keep(key uint32) error {
	v, err := m.top()
	m.memo[key] = v
	return err
}

// put keeps the value on top under the next number, of size bytes; get pushes what is kept under it.
func (m *machine) put(size uint64) error {
	key, err := m.number(size)
	if err != nil {
		return err
	}
	return m.keep(uint32(key))
}

func (m *machine) get(size uint64) error {
	key, err := m.number(size)
	if err != nil {
		return err
	}
	v, ok := m.memo[uint32(key)]
	if !ok {
		return fmt.Errorf("the pickle takes value %d, which it has not kept; the file is corrupt", key)
	}
	m.push(v)
	return nil
}

// float pushes a number of double precision, big-endian.
func (m *machine) float() error {
	b, err := m.take(8)
	if err != nil {
		return err
	}
	m.push(math.Float64frombits(binary.BigEndian.Uint64(b)))
	return nil
}
