package spdiff

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"spdiff/group"
	"spdiff/tensor"
	"spdiff/tensor/metrics"
	"spdiff/tensor/npy"
)

// A file of a tally is an archive of arrays: those of its moments, each with a seal of its own, and bytes of all else, as JSON:
// what the tallies of one comparison share, which parts are in, counts, and what is kept of single images, whose numbers are
// little-endian bytes, in base64. The seal is a SHA-256 of these.

// tallyBody is the JSON of a file.
type tallyBody struct {
	About tallyAbout
	Runs  []tallyCounts
	Parts map[int]pieceBody
	Mean  []byte // of statistics, nil if the reference is moments
	Cov   []byte
	Known int    // images of the statistics
	Name  string // of their features
	Tells bool   `json:",omitempty"` // whether turned copies were seen to have other features
}

type tallyCounts struct{ Classes, Orientations []int64 }

type pieceBody struct {
	Samples   [][]byte
	Reference []byte
	Restored  []byte
	Near      []nearBody
}

type nearBody struct {
	Sample, Nearest        []byte
	Number, Index, Element int
	Distances              []byte
}

// Save writes the tally to a file, aside first, with all bits, which LoadTally reads in another process or on another machine.
func (t *Tally) Save(path string) error {
	text, err := json.Marshal(t.body())
	if err != nil {
		return err
	}
	return t.save(path, text)
}

// save writes the tally whose body is a text.
func (t *Tally) save(path string, text []byte) error {
	sum := sha256.Sum256(text)
	members := map[string]npy.Member{"body": bytesOf(text), "seal": bytesOf([]byte(hex.EncodeToString(sum[:])))}
	err := t.each(func(name string, _ feature, m **metrics.Moments) error {
		some, err := (*m).Members(name)
		maps.Copy(members, some)
		return err
	})
	if err != nil {
		return err
	}
	return npy.WriteExact(path, members)
}

func bytesOf(b []byte) npy.Member { return npy.Exact[uint8]{Shape: tensor.Shape{len(b)}, Data: b} }

// A feature is what moments are of.
type feature struct {
	name string
	dim  int
}

// each calls do with all moments, their names, and what they are of.
func (t *Tally) each(do func(name string, of feature, m **metrics.Moments) error) error {
	of, turned := feature{t.about.Features, t.about.Dim}, feature{t.about.Oriented, t.about.OrientedDim}
	if t.about.Oriented == "" {
		turned = of
	}
	if t.about.sets() && t.statistics == nil {
		if err := do("reference.", of, &t.reference); err != nil {
			return err
		}
	}
	for k := range t.runs {
		for j := range t.runs[k].folds {
			if err := do(fmt.Sprintf("seed%d.fold%d.", k, j), of, &t.runs[k].folds[j]); err != nil {
				return err
			}
		}
		for i := range t.runs[k].turned {
			if err := do(fmt.Sprintf("seed%d.turned%d.", k, t.about.firstTurned()+i), turned, &t.runs[k].turned[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *Tally) body() tallyBody {
	b := tallyBody{About: t.about, Parts: map[int]pieceBody{}, Tells: t.tells}
	for _, r := range t.runs {
		b.Runs = append(b.Runs, tallyCounts{r.classes, r.orientations})
	}
	for k, p := range t.pieces {
		b.Parts[k] = p.body()
	}
	if s := t.statistics; s != nil {
		b.Mean, b.Cov, b.Known, b.Name = wideBytes(s.Mean), wideBytes(s.Covariance), s.Images, s.Feature
	}
	return b
}

func (p *tallyPiece) body() pieceBody {
	b := pieceBody{Reference: narrowBytes(p.reference)}
	for _, s := range p.samples {
		b.Samples = append(b.Samples, narrowBytes(s))
	}
	var numbers []float64
	for _, r := range p.restored {
		numbers = append(append(append(numbers, r.residual), r.before[:]...), r.after[:]...)
	}
	b.Restored = wideBytes(numbers)
	for _, n := range p.near {
		b.Near = append(b.Near, nearBody{narrowBytes(n.Sample), narrowBytes(n.Nearest), n.Number, n.Index, n.Element, wideBytes([]float64{n.Distance, n.Second})})
	}
	return b
}

// LoadTally reads what [Tally.Save] wrote. A file that is damaged, or does not hold what it claims, is an error that names it.
func LoadTally(path string) (*Tally, error) {
	f, err := npy.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	t, err := readTally(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return t, nil
}

func readTally(f *npy.File) (*Tally, error) {
	text, err := readBytes(f, "body")
	if err != nil {
		return nil, err
	}
	seal, err := readBytes(f, "seal")
	if err != nil {
		return nil, err
	}
	if sum := sha256.Sum256(text); hex.EncodeToString(sum[:]) != string(seal) {
		return nil, fmt.Errorf("the numbers are not those that were sealed; the file is damaged: make this part again")
	}
	var b tallyBody
	if err := json.Unmarshal(text, &b); err != nil {
		return nil, fmt.Errorf("body: %w", err)
	}
	t, err := b.tally(len(f.Names()))
	if err != nil {
		return nil, err
	}
	return t, t.each(func(name string, wanted feature, m **metrics.Moments) (err error) {
		if *m, err = metrics.ReadMoments(f, name); err != nil {
			return fmt.Errorf("%s: %w", strings.TrimSuffix(name, "."), err)
		}
		in, of := (*m).Parts()
		if of != t.about.Of || !slices.Equal(in, t.order()) || (*m).Feature() != wanted.name || (*m).Dim() != wanted.dim {
			return fmt.Errorf("%s: parts %v of %d of %s; the file is of parts %v of %d of %s", name, in, of, (*m).Feature(), t.order(), t.about.Of, wanted.name)
		}
		return nil
	})
}

func readBytes(f *npy.File, name string) ([]byte, error) {
	a := f.Array(name)
	if a == nil {
		return nil, fmt.Errorf("there is no array %q: it is no part of an evaluation", name)
	}
	e, err := npy.ReadExact[uint8](a)
	return e.Data, err
}

// tally returns the tally, its moments to be read, of a file of so many arrays.
func (b *tallyBody) tally(arrays int) (*Tally, error) {
	t := &Tally{about: b.About, pieces: map[int]*tallyPiece{}, tells: b.Tells}
	if err := b.check(arrays); err != nil {
		return nil, err
	}
	if b.Mean != nil {
		t.statistics = &metrics.Statistics{Feature: b.Name, Images: b.Known, Mean: wideNumbers(b.Mean), Covariance: wideNumbers(b.Cov)}
	}
	for _, counts := range b.Runs {
		r := t.about.run()
		r.classes, r.orientations = counts.Classes, counts.Orientations
		t.runs = append(t.runs, r)
	}
	for k, p := range b.Parts {
		piece, err := p.piece(b.About)
		if err != nil {
			return nil, fmt.Errorf("part %d: %w", k, err)
		}
		t.pieces[k] = piece
	}
	return t, nil
}

// check checks what a file claims, before anything of these sizes is made.
func (b *tallyBody) check(arrays int) error {
	a := b.About
	_, err := group.Parse(a.Group)
	sane := err == nil && a.Samples >= 0 && a.Samples <= maxShare && a.Of > 0 && a.Of <= maxParts && len(b.Parts) > 0 &&
		a.Dim >= 0 && (a.Dim > 0 || !a.sets()) && a.Dim <= maxFeatures && a.OrientedDim >= 0 && a.OrientedDim <= maxFeatures && min(a.H, a.W, a.C) > 0 && max(a.H, a.W, a.C) <= 1<<16 &&
		a.Seeds == len(b.Runs) && a.Seeds > 0 && a.Seeds <= maxParts && a.Folds >= 0 && a.Folds <= arrays/4 &&
		(!a.sets() || a.Seeds <= arrays/4/max(a.Folds, 1))
	for k := range b.Parts {
		sane = sane && k >= 0 && k < a.Of
	}
	for _, r := range b.Runs {
		sane = sane && len(r.Classes) == a.Classes && len(r.Orientations) == a.Orientations
		for _, counts := range [][]int64{r.Classes, r.Orientations} {
			sum := int64(0)
			for _, n := range counts {
				sane = sane && n >= 0 && n <= maxShare
				sum += n
			}
			sane = sane && sum <= int64(a.Samples)
		}
	}
	if d := 8 * a.Dim; b.Mean != nil && (len(b.Mean) != d || len(b.Cov) != d*a.Dim) {
		sane = false
	}
	if !sane {
		return errClaims
	}
	return nil
}

// errClaims is of a file whose parts do not fit each other.
var errClaims = errors.New("it does not hold what it claims")

func (b pieceBody) piece(a tallyAbout) (*tallyPiece, error) {
	p := &tallyPiece{reference: narrowNumbers(b.Reference)}
	pixels := a.H * a.W * a.C
	row := max(a.Dim, 1)
	if len(b.Samples) != a.Seeds || len(p.reference)%row != 0 {
		return nil, errClaims
	}
	for _, s := range b.Samples {
		rows := narrowNumbers(s)
		if len(rows)%row != 0 {
			return nil, errClaims
		}
		p.samples = append(p.samples, rows)
	}
	numbers := wideNumbers(b.Restored)
	if len(numbers)%7 != 0 {
		return nil, errClaims
	}
	for ; len(numbers) > 0; numbers = numbers[7:] {
		p.restored = append(p.restored, restored{numbers[0], [3]float64(numbers[1:4]), [3]float64(numbers[4:7])})
	}
	for _, n := range b.Near {
		d := wideNumbers(n.Distances)
		if len(n.Sample) != 4*pixels || len(n.Nearest) != 4*pixels || len(d) != 2 {
			return nil, fmt.Errorf("sample %d: it has no pixels, or no nearest image", n.Number)
		}
		p.near = append(p.near, Near{narrowNumbers(n.Sample), narrowNumbers(n.Nearest), n.Number, n.Index, n.Element, d[0], d[1]})
	}
	return p, nil
}
