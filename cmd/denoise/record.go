package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"sync"
	"unicode/utf8"

	"spdiff"
	"spdiff/cmd/internal/checksum"
)

// recordName is the file, beside the results, that says what was made of what and how: a line of JSON each.
const recordName = "denoise.jsonl"

// A done is a line of a record.
type done struct {
	Out      string `json:"out"`
	In       string `json:"in_sha256"`
	Result   string `json:"out_sha256"`
	Settings string `json:"settings"`
}

// A record knows which files are done. Its methods may be called from several goroutines.
type record struct {
	settings string
	lines    map[string]done // the last of each result
	file     *os.File
	mutex    sync.Mutex
}

// openRecord reads the record at a path and makes it if there is none. A line that was cut off, as by a crash, is as if it were
// not there: the result that it was for is made anew.
func openRecord(path, settings string) (*record, error) {
	if s, err := os.Lstat(path); err == nil && !s.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no regular file; it is where the record of this folder goes", path)
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND|os.O_CREATE, 0o666)
	if err != nil {
		return nil, fmt.Errorf("the record: %w", err)
	}
	r := &record{settings: settings, file: f}
	var end byte
	r.lines, end = readRecord(f)
	if end != '\n' && end != 0 {
		_, err = f.WriteString("\n")
	}
	return r, err
}

// readRecord reads lines, and returns the last byte.
func readRecord(f io.Reader) (lines map[string]done, end byte) {
	lines = map[string]done{}
	in := bufio.NewReader(f)
	for {
		text, err := in.ReadSlice('\n')
		if len(text) > 0 {
			end = text[len(text)-1]
		}
		var d done
		if json.Unmarshal(text, &d) == nil && d.Out != "" {
			lines[d.Out] = d
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return lines, end
		}
	}
}

// has reports whether the file at path is the result of an input of this sum with these settings, unchanged.
func (r *record) has(out, sum, path string) bool {
	r.mutex.Lock()
	d, ok := r.lines[keyOf(out)]
	r.mutex.Unlock()
	if !ok || d.In != sum || d.Settings != r.settings {
		return false
	}
	now, err := checksum.Hash(path)
	return err == nil && now == d.Result
}

// keyOf returns the name of a result as lines have it: JSON has no letters that are not UTF-8.
func keyOf(out string) string {
	if utf8.ValidString(out) {
		return out
	}
	return strconv.QuoteToASCII(out)
}

// add says that the file at path is done.
func (r *record) add(out, sum, path string) error {
	result, err := checksum.Hash(path)
	if err != nil {
		return err
	}
	text, err := json.Marshal(done{keyOf(out), sum, result, r.settings})
	if err != nil {
		return err
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	_, err = r.file.Write(append(text, '\n'))
	return err
}

func (r *record) close() { r.file.Close() }

// settings names all that a result depends on beside its input: the model by its hash, and what made says.
func (o *options) settings(model string, products spdiff.Precision) string {
	return "model " + model + ", " + o.made(products)
}

// made names all that a result depends on beside its input and the model. The precision of products need not be said where it is float32.
func (o *options) made(products spdiff.Precision) string {
	text := fmt.Sprint("solver ", o.how(), ", start ", o.start, ", steps ", o.steps, ", seed ", o.seed, ", class ", o.class,
		", degrade ", o.degrade, ", values ", o.values, ", guidance ", o.guidance)
	if !products.IsZero() {
		text += fmt.Sprint(", precision ", products)
	}
	return text
}
