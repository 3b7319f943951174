// Package events writes the files that TensorBoard shows: numbers and pictures by step.
//
// A file is a sequence of records (TensorFlow's TFRecord: length, CRC of the length, data, CRC of the data), each of which is a
// message in Protocol Buffers' encoding (tensorflow/core/util/event.proto, tensorflow/core/framework/summary.proto). The few
// fields that are needed are written by hand.
package events

import (
	"bytes"
	"errors"
	"fmt"
	"image/color"
	"image/png"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// A Writer appends to an event file. What could not be written, on a disk that is full, is written with what comes next.
type Writer struct {
	file    *os.File
	now     func() time.Time
	at      int64  // bytes that are written
	pending []byte // and those that are not yet
}

// Create makes a new event file in a folder, beside those of earlier calls, and says in it that the run goes on after a number of
// steps: what an older file has of later steps TensorBoard then leaves out.
func Create(folder string, step int) (*Writer, error) { return create(folder, step, time.Now) }

func create(folder string, step int, now func() time.Time) (*Writer, error) {
	w := &Writer{now: now}
	for second := now().Unix(); w.file == nil; second++ { // the files are read in the order of their names
		path := filepath.Join(folder, fmt.Sprintf("events.out.tfevents.%010d.spdiff", second))
		file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
		w.file = file
	}
	version := w.event(-1).text(fileVersion, "brain.Event:2")
	return w, w.put(version, w.event(step+1).message(sessionLog, message{}.varint(status, start)))
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
