package torchfile

import (
	"errors"
	"fmt"
	"strconv"
	"unicode/utf8"

	"spdiff/tensor/safetensors"
)

// found is what a pickle holds, by name.
type found struct {
	metadata map[string]string
	views    []namedView
}

type namedView struct {
	name string
	*view
}

const (
	maxDepth = 32 // of tables in tables
	perByte  = 4  // numbers of all tensors together, a byte of the file
	spare    = 1 << 20
)

// A flattener walks through tables and lists, which may be in several places, or in themselves: what it may find is bounded.
type flattener struct {
	found
	seen    map[string]bool
	text    int   // bytes of names that are left
	numbers int64 // of tensors that are left
}

// flatten finds the tensors and values of an object, made by a pickle in a file, of these sizes.
func flatten(root any, pickle int, file int64) (*found, error) {
	f := &flattener{found{metadata: map[string]string{}}, map[string]bool{}, 16*pickle + 1<<12, perByte*file + spare}
	switch root.(type) {
	case *dict, *list, tuple:
	case *view:
		return nil, errors.New("the file is one tensor, without a name; save a table of them: torch.save({'x': x}, FILE)")
	default:
		return nil, errors.New("the file holds no table of tensors; save model.state_dict()")
	}
	if err := f.walk("", root, 0); err != nil {
		return nil, err
	}
	return &f.found, nil
}

// walk adds what is found under a name.
func (f *flattener) walk(name string, v any, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("%.80q: there are tables in tables more than %d deep", name, maxDepth)
	}
	switch v := v.(type) {
	case *dict:
		for i, key := range v.keys {
			text, ok := plain(key)
			if !ok {
				return fmt.Errorf("%.80q: a key of its table is %s; keys are texts in UTF-8 or whole numbers", name, describe(key))
			}
			if err := f.member(name, text, v.values[i], depth); err != nil {
				return err
			}
		}
		return nil
	case *list:
		return f.items(name, v.items, depth)
	case tuple:
		return f.items(name, v, depth)
	}
	return f.leaf(name, v)
}

func (f *flattener) items(name string, items []any, depth int) error {
	for i, item := range items {
		if err := f.member(name, strconv.Itoa(i), item, depth); err != nil {
			return err
		}
	}
	return nil
}

// member walks on to what is found under a key.
func (f *flattener) member(name, key string, v any, depth int) error {
	if depth > 0 {
		key = name + "." + key
	}
	if f.text -= len(key) + 1; f.text < 0 {
		return fmt.Errorf("%.80q: the names take much more than the pickle that they are made of: a table is in many places", key)
	}
	return f.walk(key, v, depth+1)
}

// leaf adds a tensor or a value.
func (f *flattener) leaf(name string, v any) error {
	if f.seen[name] {
		return fmt.Errorf("the name %.80q comes twice", name)
	}
	f.seen[name] = true
	if t, ok := v.(*view); ok {
		if f.numbers -= int64(t.len); f.numbers < 0 {
			return fmt.Errorf("tensor %.80q: with it there are more than %d numbers for each byte of the file; if it was expanded, save "+
				"x.clone() for x", name, perByte)
		}
		f.views = append(f.views, namedView{name, t})
		return nil
	}
	text, ok := plain(v)
	if !ok {
		return fmt.Errorf("%.80q is %s, which is neither a tensor nor a value", name, describe(v))
	}
	f.metadata[name] = text
	return nil
}

// plain returns a value as text.
func plain(v any) (string, bool) {
	switch v := v.(type) {
	case nil:
		return "None", true
	case bool:
		if v {
			return "True", true
		}
		return "False", true
	case int64:
		return strconv.FormatInt(v, 10), true
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64), true
	case string:
		return v, utf8.ValidString(v)
	}
	return "", false
}

// load returns the file with the numbers of the tensors found: each storage is read once, and is in memory alone.
func (f *found) load(read func(s *storage) ([]byte, error)) (*safetensors.File, error) {
	users := map[*storage][]int{}
	var order []*storage
	file := &safetensors.File{Metadata: f.metadata, Tensors: make([]safetensors.Tensor, len(f.views))}
	for i, v := range f.views {
		file.Tensors[i].Name = v.name
		if users[v.storage] == nil {
			order = append(order, v.storage)
		}
		users[v.storage] = append(users[v.storage], i)
	}
	for _, s := range order {
		b, err := read(s)
		if err != nil {
			return nil, fmt.Errorf("tensor %.80q: %w", f.views[users[s][0]].name, err)
		}
		for _, i := range users[s] {
			file.Tensors[i].Value = f.views[i].tensor(b)
		}
	}
	return file, nil
}
