package torchfile

import (
	"fmt"
	"math"

	"spdiff/tensor/safetensors"
)

// A global is a class or function of Python, by module and name. Nothing is done with it but what build says.
type global struct{ module, name string }

func (g global) String() string { return g.module + "." + g.name }

var (
	orderedDict      = global{"collections", "OrderedDict"}
	rebuildTensor    = global{"torch._utils", "_rebuild_tensor_v2"}
	rebuildParameter = global{"torch._utils", "_rebuild_parameter"}
)

// allowed reports whether a global is of the allow-list.
func (g global) allowed() bool {
	switch g {
	case orderedDict, rebuildTensor, rebuildParameter:
		return true
	}
	return g.isStorage()
}

func (g global) isStorage() bool {
	return kinds[g.name] != "" && (g.module == "torch" || g.module == "torch.cuda")
}

// A GlobalError says that a pickle asks for a class or function that is not on the allow-list. It was not called.
type GlobalError struct{ Module, Name string }

// Error names it.
func (e *GlobalError) Error() string {
	return fmt.Sprintf("it asks for %.80q of Python's module %.80q, which is not read, let alone run; if you trust the file, save what "+
		"matters alone: torch.save(model.state_dict(), FILE)", e.Name, e.Module)
}

// build returns what a global makes of its arguments.
func (g global) build(args tuple) (any, error) {
	switch {
	case g == orderedDict && len(args) == 0:
		return &dict{}, nil
	case g == rebuildTensor && (len(args) == 6 || len(args) == 7):
		return newViewOf(args)
	case g == rebuildParameter && len(args) == 3:
		if v, ok := args[0].(*view); ok {
			return v, nil
		}
	}
	return nil, fmt.Errorf("%v is called with arguments that are not its own; the file is corrupt", g)
}

// newViewOf returns the view of _rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks, metadata).
func newViewOf(args tuple) (*view, error) {
	s, isStorage := args[0].(*storage)
	offset, isInt := toInt(args[1])
	shape, isShape := toInts(args[2])
	stride, isStride := toInts(args[3])
	if !isStorage || !isInt || !isShape || !isStride {
		return nil, fmt.Errorf("%v is called with arguments that are not its own; the file is corrupt", rebuildTensor)
	}
	return newView(s, offset, shape, stride)
}

func toInt(v any) (int, bool) {
	i, ok := v.(int64)
	return int(i), ok && i >= 0 && i <= math.MaxInt
}

func toInts(v any) ([]int, bool) {
	t, ok := v.(tuple)
	if !ok || len(t) > maxDims {
		return nil, false
	}
	ints := make([]int, len(t))
	for i := range t {
		if ints[i], ok = toInt(t[i]); !ok {
			return nil, false
		}
	}
	return ints, true
}

// persistent returns the storage of a persistent identifier, ("storage", class, key, device, numbers). Tensors that share a storage
// name it alike.
func (m *machine) persistent(id any) (*storage, error) {
	t, ok := id.(tuple)
	if ok && m.legacy > 0 && len(t) == 6 && t[5] == nil { // a storage of its own, not a part of another
		t = t[:5]
	}
	if !ok || len(t) != 5 || t[0] != any("storage") {
		return nil, fmt.Errorf("a persistent identifier is %s, and not that of a storage; the file is corrupt", describe(id))
	}
	class, isClass := t[1].(global)
	key, isKey := t[2].(string)
	n, isNumber := t[4].(int64)
	if !isClass || !class.isStorage() || !isKey || !isNumber {
		return nil, fmt.Errorf("the identifier of a storage is not of its form; the file is corrupt")
	}
	if s := m.storages[key]; s != nil {
		if s.kind != class.name || int64(s.numbers) != n {
			return nil, fmt.Errorf("storage %.80q is of %d numbers of %s, and of %d of %s; the file is corrupt", key, s.numbers, s.kind, n, class.name)
		}
		return s, nil
	}
	bytes, err := m.storageBytes(key, class.name, n)
	if err != nil {
		return nil, err
	}
	s, err := newStorage(class.name, key, n, bytes)
	m.storages[key] = s
	return s, err
}

// storageBytes returns the bytes of a storage that is said to have n numbers.
func (m *machine) storageBytes(key, kind string, n int64) (int64, error) {
	if m.legacy == 0 {
		return m.sizeOf(key)
	}
	size, _ := safetensors.Numbers(kinds[kind])
	if n < 0 || n > m.legacy/int64(size) {
		return 0, fmt.Errorf("storage %.80q is said to have %d numbers, more than the file; it is truncated or corrupt", key, n)
	}
	return n * int64(size), nil
}
