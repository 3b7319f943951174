package hdf5

// The kinds of a version 1 B-tree.
const (
	groupTree = 0
	chunkTree = 1
)

const maxLevel = 32

// tree calls leaf for every child of the lowest nodes of a tree, in order, with the key before it. Nodes are counted, so that a
// tree which leads into itself comes to an end.
func (f *File) tree(at uint64, kind, key int, leaf func(key []byte, child uint64) error) error {
	if kind == groupTree {
		key = f.length
	}
	w := walk{f: f, kind: kind, key: key, leaf: leaf, left: uint64(f.size)/24 + 1}
	return w.node(at, maxLevel)
}

// A walk is one over a tree.
type walk struct {
	f         *File
	kind, key int
	leaf      func(key []byte, child uint64) error
	left      uint64 // entries that the file has room for
}

// node visits a node that must be below a level.
func (w *walk) node(at uint64, below int) error {
	f := w.f
	head := uint64(8 + 2*f.offset)
	c, err := f.cursor(at, head, "a tree's node")
	if err != nil {
		return err
	}
	ok := c.magic("TREE") && c.u8() == w.kind
	level, n := c.u8(), c.u16()
	if !ok || level >= below || uint64(n) > w.left {
		return damaged("a tree's node", at)
	}
	w.left -= uint64(n)
	if c, err = f.cursor(at+head, uint64(n*(w.key+f.offset)), "a tree's node"); err != nil {
		return err
	}
	for range n {
		key, child := c.bytes(w.key), c.address()
		if level > 0 {
			err = w.node(child, level)
		} else {
			err = w.leaf(key, child)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
