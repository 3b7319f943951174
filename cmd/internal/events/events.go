// Package events writes the files that TensorBoard shows: numbers and pictures by step.
//
// A file is a sequence of records (TensorFlow's TFRecord: length, CRC of the length, data, CRC of the data), each of which is a
// message in Protocol Buffers' encoding (tensorflow/core/util/event.proto, tensorflow/core/framework/summary.proto). The few
// fields that are needed are written one by one.
package events

import (
	"bufio"
	"bytes"
	"fmt"
	"image/color"
	"image/png"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// A Writer appends to an event file. What could not be written, on a disk that is full, is written with what comes next.
type Writer struct {
	file    *os.File
	now     func() time.Time
	at      int64  // bytes that are written
	pending []byte // and those that are not yet
}

// Open opens the event file of a folder, or makes it where there is none, and says in it that the run goes on after a number of
// steps: what it has of later steps TensorBoard then leaves out. A record that was cut short, and what follows it, is written over.
func Open(folder string, step int) (*Writer, error) { return open(folder, step, time.Now) }

func open(folder string, step int, now func() time.Time) (*Writer, error) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	w := &Writer{now: now}
	begun := func() message { return w.event(step+1).message(sessionLog, message{}.varint(status, start)) }
	name, err := last(root)
	if err != nil {
		return nil, err
	}
	if name != "" {
		if w.file, w.at, err = goOn(root, name); err != nil {
			return nil, err
		}
		if w.at > 0 {
			return w, w.put(begun())
		}
	} else {
		name = fmt.Sprintf("events.out.tfevents.%010d.spdiff", now().Unix())
		if w.file, err = root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666); err != nil {
			return nil, err
		}
	}
	return w, w.put(w.event(-1).text(fileVersion, "brain.Event:2"), begun())
}

// last returns the name of the newest event file in a folder, "" if there is none: the files are read in the order of their names.
func last(root *os.Root) (string, error) {
	names, err := fs.Glob(root.FS(), "events.out.tfevents.*.spdiff")
	if err != nil || len(names) == 0 {
		return "", err
	}
	return slices.Max(names), nil
}

// goOn opens a file to be written after its last whole record.
func goOn(root *os.Root, name string) (*os.File, int64, error) {
	if info, err := root.Lstat(name); err == nil && !info.Mode().IsRegular() {
		return nil, 0, fmt.Errorf("%s: not a regular file; move it away", filepath.Join(root.Name(), name))
	}
	file, err := root.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return nil, 0, err
	}
	at, err := whole(bufio.NewReaderSize(file, 1<<16))
	if err == nil {
		err = file.Truncate(at)
	}
	if err != nil {
		file.Close()
		return nil, 0, err
	}
	return file, at, nil
}

// A Scalar is a number under a name. Names with slashes are grouped by what is before them.
type Scalar struct {
	Name  string
	Value float64
}

// Scalars adds numbers of a step.
func (w *Writer) Scalars(step int, scalars ...Scalar) error {
	var s message
	for _, v := range scalars {
		s = s.message(value, message{}.text(tag, v.Name).float(simpleValue, float32(v.Value)))
	}
	return w.put(w.event(step).message(summary, s))
}

// PNG adds a picture of a step.
func (w *Writer) PNG(step int, name string, data []byte) error {
	size, err := png.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return err
	}
	picture := message{}.varint(height, uint64(size.Height)).varint(width, uint64(size.Width)).varint(colours, channels(size.ColorModel)).bytes(encoded, data)
	return w.put(w.event(step).message(summary, message{}.message(value, message{}.text(tag, name).message(image, picture))))
}

// channels returns TensorBoard's name of a colour model: how many channels the PNG has.
func channels(m color.Model) uint64 {
	switch m {
	case color.GrayModel, color.Gray16Model:
		return 1
	case color.RGBAModel, color.RGBA64Model: // what image/png says of pictures without transparency
		return 3
	}
	return 4
}

// event begins an event at this time, of a step unless it is negative.
func (w *Writer) event(step int) message {
	m := message{}.double(wallTime, float64(w.now().UnixNano())/1e9)
	if step >= 0 {
		m = m.varint(stepField, uint64(step))
	}
	return m
}

// put appends messages as records.
func (w *Writer) put(messages ...message) error {
	for _, m := range messages {
		w.pending = appendRecord(w.pending, m)
	}
	if _, err := w.file.WriteAt(w.pending, w.at); err != nil {
		return err
	}
	w.at += int64(len(w.pending))
	w.pending = w.pending[:0]
	return nil
}

// Close closes the file.
func (w *Writer) Close() error { return w.file.Close() }
