package imagefolder

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// labelsFile is where the labels are, beside the images: {"labels": [["folder/image.png", 3], …]}, the format of StyleGAN
// and EDM, or {"labels": {"folder/image.png": 3, …}}. Its paths are only compared with those of the images, never opened.
const labelsFile = "dataset.json"

// readLabels returns the class of each image by the labelsFile in a folder, nil if there is none or its labels are null. The
// names are relative to the folder, which is "" or ends in a slash.
func (l *List) readLabels(ctx context.Context, folder string, names []string) ([]int, error) {
	f, _, err := open(l.FS, folder+labelsFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, outside(folder+labelsFile, err)
	}
	defer f.Close()
	t := newTable(names)
	for _, name := range l.choice.Without {
		t.free[strings.TrimPrefix(name, folder)] = true
	}
	if err := t.read(ctx, f); err != nil {
		return nil, wrong(folder+labelsFile, err)
	}
	if t.strangers > 0 && t.class != nil {
		l.note("%q has labels of %d files that are not there", folder+labelsFile, t.strangers)
	}
	return t.class, nil
}

// A table is the labels of names. A name is found in any normal form of Unicode: some systems write "é" as two letters.
type table struct {
	names     []string
	exact     map[string]int  // the place of a name
	normal    map[string]int  // and of its normal form
	class     []int           // −1: not yet
	free      map[string]bool // names that need no label, for they are left out
	strangers int
}

func newTable(names []string) *table {
	t := &table{names: names, exact: make(map[string]int, len(names)), normal: map[string]int{}, free: map[string]bool{}}
	for i, name := range names {
		t.exact[name] = i
		if !ascii(name) {
			t.normal[norm.NFC.String(name)] = i
		}
	}
	return t
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// read reads labels. Besides them it takes a few times the memory of the longest text or value in the file, at most 16 times.
func (t *table) read(ctx context.Context, r io.Reader) error {
	b := bufio.NewReaderSize(r, 1<<16)
	if start, _ := b.Peek(3); bytes.Equal(start, []byte("\xef\xbb\xbf")) {
		b.Discard(3)
	} else if bytes.HasPrefix(start, []byte("\xff\xfe")) || bytes.HasPrefix(start, []byte("\xfe\xff")) {
		return errors.New("it is written in UTF-16; save it as UTF-8")
	}
	d := json.NewDecoder(until{ctx, b})
	d.UseNumber()
	if err := t.whole(d); err != nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			return fmt.Errorf("%w, at byte %d; %w", err, syntax.Offset, errForm)
		}
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("something follows the JSON object")
	}
	for i, class := range t.class {
		if class < 0 && !t.free[t.names[i]] {
			return fmt.Errorf("%q has no label", t.names[i])
		}
	}
	return nil
}

// until reads as long as a context is not done.
type until struct {
	ctx context.Context
	io.Reader
}

func (u until) Read(p []byte) (int, error) {
	if u.ctx.Err() != nil {
		return 0, context.Cause(u.ctx)
	}
	return u.Reader.Read(p)
}

var errForm = errors.New(`it must be {"labels": [["path", class], …]} or {"labels": {"path": class, …}}`)

// whole reads the object.
func (t *table) whole(d *json.Decoder) error {
	if open, err := token(d); err != nil || open != json.Delim('{') {
		return cmp.Or(err, errForm)
	}
	for d.More() {
		key, err := token(d)
		if err != nil {
			return err
		}
		if key != "labels" {
			var rest json.RawMessage
			if err := d.Decode(&rest); err != nil {
				return cutOff(err)
			}
			continue
		}
		if t.class != nil {
			return errors.New(`"labels" comes twice`)
		}
		if err := t.labels(d); err != nil {
			return err
		}
	}
	_, err := token(d)
	return err
}

// labels reads the list, or the object.
func (t *table) labels(d *json.Decoder) error {
	open, err := token(d)
	if open == nil && err == nil {
		return nil
	}
	if err != nil || open != json.Delim('[') && open != json.Delim('{') {
		return cmp.Or(err, errForm)
	}
	t.class = make([]int, len(t.names))
	for i := range t.class {
		t.class[i] = -1
	}
	for d.More() {
		if open == json.Delim('[') {
			err = t.pair(d)
		} else {
			err = t.label(d)
		}
		if err != nil {
			return err
		}
	}
	_, err = token(d)
	return err
}

var errPair = errors.New(`an entry of the labels is no ["path", class]`)

// pair reads ["path", class].
func (t *table) pair(d *json.Decoder) error {
	if open, err := token(d); err != nil || open != json.Delim('[') {
		return cmp.Or(err, errPair)
	}
	if !d.More() {
		return errPair
	}
	if err := t.label(d); err != nil {
		return err
	}
	if shut, err := token(d); err != nil || shut != json.Delim(']') {
		return cmp.Or(err, errPair)
	}
	return nil
}

// label reads a path and its class.
func (t *table) label(d *json.Decoder) error {
	at, err := token(d)
	if err != nil {
		return err
	}
	name, ok := at.(string)
	if !ok {
		return fmt.Errorf("the path %.60q is no text", fmt.Sprint(at))
	}
	if !d.More() {
		return errPair
	}
	value, err := token(d)
	if err != nil {
		return err
	}
	number, _ := value.(json.Number)
	class, err := classNumber(number.String())
	if err != nil || class > maxClass {
		return fmt.Errorf("the class %.60q of %.200q is no whole number from 0 to %d", fmt.Sprint(value), name, maxClass)
	}
	return t.set(name, class)
}

func (t *table) set(name string, class int) error {
	i, ok := t.exact[name]
	if !ok { // as other systems and tools write it
		i, ok = t.exact[path.Clean(strings.ReplaceAll(name, `\`, "/"))]
	}
	if !ok && !ascii(name) {
		i, ok = t.normal[norm.NFC.String(name)]
	}
	if !ok {
		t.strangers++
		return nil
	}
	if t.class[i] >= 0 {
		return fmt.Errorf("%.200q comes twice", name)
	}
	t.class[i] = class
	return nil
}

// token is the next token; a text that ends before it is cut off.
func token(d *json.Decoder) (json.Token, error) {
	t, err := d.Token()
	return t, cutOff(err)
}

func cutOff(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
