package metrics

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"math"
	"slices"

	"spdiff/tensor"
	"spdiff/tensor/npy"
)

// about is what a file of moments says of itself.
type about struct {
	identity
	Seal string `json:"seal"` // SHA-256 of the identity and of the whole numbers
}

// Save writes the moments to a .npz file, with all bits, which [LoadMoments] reads in another process or on another machine:
// arrays sums, and high and low halves of the products of i ≤ j row after row, and about, a JSON text in bytes.
func (m *Moments) Save(path string) error {
	members, err := m.Members("")
	if err != nil {
		return err
	}
	return npy.WriteExact(path, members)
}

// Members returns the arrays that Save writes, their names after a prefix, for a file that has more than these moments:
// [ReadMoments] finds them there.
func (m *Moments) Members(prefix string) (map[string]npy.Member, error) {
	m.settle()
	high, low := make([]int64, len(m.products)), make([]uint64, len(m.products))
	for i, p := range m.products {
		high[i], low[i] = p.hi, p.lo
	}
	text, err := json.Marshal(about{m.about, m.seal()})
	if err != nil {
		return nil, err
	}
	return map[string]npy.Member{
		prefix + "about": npy.Exact[uint8]{Shape: tensor.Shape{len(text)}, Data: text},
		prefix + "sums":  npy.Exact[int64]{Shape: tensor.Shape{len(m.sums)}, Data: m.sums},
		prefix + "high":  npy.Exact[int64]{Shape: tensor.Shape{len(high)}, Data: high},
		prefix + "low":   npy.Exact[uint64]{Shape: tensor.Shape{len(low)}, Data: low},
	}, nil
}

// seal returns a hash of what they are and of all numbers.
func (m *Moments) seal() string {
	h := sha256.New()
	fmt.Fprintf(h, "%q %d %d %d %d %d\n", m.about.Feature, m.about.Dim, m.about.Grid, m.about.Images, m.about.Of, m.about.Parts)
	for _, v := range m.sums {
		put(h, uint64(v))
	}
	for _, p := range m.products {
		put(h, uint64(p.hi))
		put(h, p.lo)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func put(h hash.Hash, v uint64) {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], v)
	h.Write(b[:])
}

// LoadMoments reads what Save wrote. A file that is damaged, or does not hold what it claims, is an error that names it.
func LoadMoments(path string) (*Moments, error) {
	f, err := npy.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	m, err := ReadMoments(f, "")
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

// ReadMoments reads moments whose members of a file have names with a prefix: see [Moments.Members].
func ReadMoments(f *npy.File, prefix string) (*Moments, error) {
	text, err := member[uint8](f, prefix+"about")
	if err != nil {
		return nil, err
	}
	var a about
	if err := json.Unmarshal(text.Data, &a); err != nil {
		return nil, fmt.Errorf("about is not what a part says of itself: %w", err)
	}
	if err := a.check(); err != nil {
		return nil, err
	}
	sums, err := member[int64](f, prefix+"sums")
	if err != nil {
		return nil, err
	}
	high, err := member[int64](f, prefix+"high")
	if err != nil {
		return nil, err
	}
	low, err := member[uint64](f, prefix+"low")
	if err != nil {
		return nil, err
	}
	if n := a.Dim * (a.Dim + 1) / 2; len(sums.Data) != a.Dim || len(high.Data) != n || len(low.Data) != n {
		return nil, misfit("moments", "%d sums, %d and %d halves of products of features of %d numbers", len(sums.Data), len(high.Data), len(low.Data), a.Dim)
	}
	m := &Moments{about: a.identity, sums: sums.Data, products: make([]wide, len(high.Data))}
	for i, v := range high.Data {
		m.products[i] = wide{v, low.Data[i]}
	}
	if m.seal() != a.Seal {
		return nil, fmt.Errorf("the numbers are not those that were sealed; the file is damaged: make this part again")
	}
	return m, nil
}

// check checks what a file claims, and that memory can be counted for it.
func (a *identity) check() error {
	ascending := slices.IsSorted(a.Parts) && len(slices.Compact(slices.Clone(a.Parts))) == len(a.Parts)
	if a.Dim < 1 || a.Dim > maxDim || a.Grid < -maxGrid || a.Grid > maxGrid || a.Images < 0 || a.Images > maxImages ||
		len(a.Parts) == 0 || !ascending || a.Parts[0] < 0 || a.Parts[len(a.Parts)-1] >= a.Of {
		return misfit("moments", "parts %v of %d, %d images of %d numbers on grid %d: there is no such set", a.Parts, a.Of, a.Images, a.Dim, a.Grid)
	}
	if n := int64(a.Dim) * int64(a.Dim+1) / 2; n > math.MaxInt/wideSize {
		return misfit("moments", "features of %d numbers have %d products, and this program, of 32 bits, holds at most %d; use one of 64 bits", a.Dim, n, math.MaxInt/wideSize)
	}
	return nil
}
