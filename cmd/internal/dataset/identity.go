package dataset

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"spdiff"
	"spdiff/cmd/internal/packed"
)

// An Identity tells data from others: what they are and how they are read, and each file by its name within the data, its size
// and a hash of its beginning. It depends neither on where the data are, nor on the folder that they are opened from.
type Identity struct {
	Kind    string         `json:"kind"`
	Options string         `json:"options"`
	Images  int            `json:"images"`
	Shape   [3]int         `json:"shape"`
	Classes string         `json:"classes,omitempty"` // a hash of all labels of pictures
	Files   []packed.Stamp `json:"files,omitempty"`   // in order of names
	Hash    string         `json:"hash"`              // of all of these
}

// IdentityOf returns the identity of images that Open opened. Of other sources it is what they say of themselves. The error is
// that of a file that cannot be read any more.
func IdentityOf(source spdiff.Source) (id Identity, err error) {
	h, w, c := source.Shape()
	id = Identity{Kind: fmt.Sprintf("%T", source), Images: source.Len(), Shape: [3]int{h, w, c}}
	s, ok := source.(*Set)
	if !ok {
		return id.sealed(), nil
	}
	id.Kind, id.Options = s.kind, s.options.text(s.kind)
	if id.Files, err = s.stamps(); err != nil {
		return id, err
	}
	if _, ok := s.Source.(files); ok {
		id.Classes = labelHash(s.Source.(interface{ Labels() []int }).Labels())
	}
	return id.sealed(), nil
}

// text says the options that change what image i is, but the size and channels, which the shape tells.
func (o options) text(kind string) string {
	var all []string
	add := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	if kind == "crops" {
		add("scale=%v", o.scale)
	}
	if kind == "crops" || kind == "lysto" {
		add("seed=%d", o.seed)
	}
	if o.numbers.Lo != o.numbers.Hi {
		add("range=%v,%v", o.numbers.Lo, o.numbers.Hi)
	}
	if o.images != "" {
		add("images=%s", o.images)
	}
	if o.labels != "" {
		add("labels=%s", o.labels)
	}
	return strings.Join(all, "&")
}

// stamps returns the files of the data.
func (s *Set) stamps() (all []packed.Stamp, err error) {
	switch f := s.Source.(type) {
	case interface{ FileStamps() []packed.Stamp }:
		return f.FileStamps(), nil
	case interface{ Paths() []string }:
		for _, path := range f.Paths() {
			stamp, err := packed.StampFile(filepath.Base(path), path)
			if err != nil {
				return nil, err
			}
			all = append(all, stamp)
		}
		return all, nil
	}
	if s.path == "" {
		return nil, nil
	}
	stamp, err := packed.StampFile("", s.path) // one file, wherever it is
	return []packed.Stamp{stamp}, err
}

func labelHash(labels []int) string {
	if labels == nil {
		return ""
	}
	h := sha256.New()
	for _, k := range labels {
		fmt.Fprintln(h, k)
	}
	return short(h.Sum(nil))
}

func short(sum []byte) string { return hex.EncodeToString(sum[:8]) }

func (id Identity) sealed() Identity {
	text, _ := json.Marshal(id) // of plain values: it cannot fail
	sum := sha256.Sum256(text)
	id.Hash = short(sum[:])
	return id
}

// maxText bounds the text of an identity, in bytes: about twenty thousand files.
const maxText = 2 << 20

// Text returns the identity as text, to be kept. Of very many files it has the hash alone, and cannot say which are others.
func (id Identity) Text() string {
	text, _ := json.Marshal(id)
	if len(text) > maxText {
		id.Files = nil
		text, _ = json.Marshal(id)
	}
	return string(text)
}

// ParseIdentity reads what Text wrote.
func ParseIdentity(text string) (id Identity, err error) {
	if err = json.Unmarshal([]byte(text), &id); err != nil {
		err = fmt.Errorf("the identity of the data cannot be read: %w", err)
	}
	return id, err
}

// Diff says, a line each, in what the data of now are others than those before; nil if they are the same.
func Diff(before, now Identity) (lines []string) {
	if before.Hash == now.Hash {
		return nil
	}
	say := func(what string, a, b any) {
		if a != b {
			lines = append(lines, fmt.Sprintf("%s: %v before, %v now", what, a, b))
		}
	}
	say("kind", before.Kind, now.Kind)
	say("options", quoted(before.Options), quoted(now.Options))
	say("images", before.Images, now.Images)
	say("rows, columns, channels", before.Shape, now.Shape)
	lines = append(lines, diffFiles(before.Files, now.Files)...)
	if before.Classes != now.Classes {
		lines = append(lines, "the classes of the images are others")
	}
	if lines == nil {
		lines = []string{"the files are others"}
	}
	return lines
}

func quoted(s string) string { return fmt.Sprintf("%q", s) }

// diffFiles says which files are others.
func diffFiles(before, now []packed.Stamp) (lines []string) {
	if before == nil || now == nil {
		return nil
	}
	old, content := map[string]packed.Stamp{}, map[packed.Stamp]string{}
	for _, s := range before {
		old[s.Name] = s
	}
	var added, changed []string
	for _, s := range now {
		if was, ok := old[s.Name]; !ok {
			added = append(added, s.Name)
			content[unnamed(s)] = s.Name
		} else if was != s {
			changed = append(changed, s.Name)
		}
		delete(old, s.Name)
	}
	var removed, renamed []string
	for _, s := range before {
		if _, gone := old[s.Name]; !gone {
			continue
		}
		if to, ok := content[unnamed(s)]; ok {
			renamed = append(renamed, fmt.Sprintf("%q to %q", s.Name, to))
			added = slices.DeleteFunc(added, func(name string) bool { return name == to })
			delete(content, unnamed(s))
			continue
		}
		removed = append(removed, s.Name)
	}
	for _, c := range []struct {
		what  string
		names []string
	}{{"added", added}, {"removed", removed}, {"changed", changed}} {
		for i, name := range c.names {
			c.names[i] = fmt.Sprintf("%.80q", name)
		}
		lines = append(lines, few(c.what, c.names)...)
	}
	return append(lines, few("renamed", renamed)...)
}

func unnamed(s packed.Stamp) packed.Stamp {
	s.Name = ""
	return s
}

// few lists names, the first of many.
func few(what string, names []string) []string {
	const most = 5
	switch {
	case len(names) == 0:
		return nil
	case len(names) > most:
		return []string{fmt.Sprintf("%s: %s and %d more", what, strings.Join(names[:most], ", "), len(names)-most)}
	}
	return []string{fmt.Sprintf("%s: %s", what, strings.Join(names, ", "))}
}
