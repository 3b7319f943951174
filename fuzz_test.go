package spdiff

import (
	"bytes"
	"testing"

	"spdiff/group"
	"spdiff/tensor/safetensors"
)

// minute returns a configuration whose state is a few kilobytes.
func minute() Config {
	c := tiny(group.H, WT)
	n := &c.Network
	n.ImageHeight, n.ImageWidth, n.Width, n.Mult, n.Attention, n.Head, n.Groups, n.Kernel, n.Classes = 4, 4, 2, []int{1}, nil, 2, 1, 1, 2
	c.Batch = 2
	return c
}

// A configuration is read or refused, without a panic, and what is read says itself again.
func FuzzConfig(f *testing.F) {
	for _, preset := range []string{"digits-s", "cells"} {
		c, err := DefaultConfig(preset)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(c.JSON())
	}
	f.Add(minute().JSON())
	f.Fuzz(func(t *testing.T, text []byte) {
		var c Config
		var err error
		bounded(t, "reading a configuration", func() { c, err = ParseConfig(text) })
		if err != nil {
			return
		}
		if n := c.Resolved().Network.Parameters(); n <= 0 {
			t.Fatalf("%d parameters", n)
		}
		again, err := ParseConfig(c.JSON())
		if err != nil || !bytes.Equal(again.JSON(), c.JSON()) {
			t.Fatalf("%v: %s is not the same as %s", err, again.JSON(), c.JSON())
		}
	})
}

// images is a source of images of any shape.
type images struct{ h, w, c int }

func (s images) Len() int                              { return 10 }
func (s images) Shape() (h, w, c int)                  { return s.h, s.w, s.c }
func (s images) Image([]float32, int) (_ int, _ error) { return 0, nil }

// sourceFor returns images such as the configuration of a file wants, false if it has none or a step of it would be long.
func sourceFor(f *safetensors.File) (images, bool) {
	c, err := ParseConfig([]byte(f.Metadata[configKey]))
	n := c.Network
	return images{n.ImageHeight, n.ImageWidth, n.In}, err == nil && c.Batch*n.ImageHeight*n.ImageWidth < 1<<12
}

// A state is loaded or refused, without a panic, whatever it holds; what is loaded can be saved, and is the same then. The
// checksum, which no fuzzer would get past, is left out.
func FuzzState(f *testing.F) {
	tr, err := NewTrainer(minute(), images{4, 4, 1})
	if err != nil {
		f.Fatal(err)
	}
	var b bytes.Buffer
	if err := safetensors.Encode(&b, tr.state().file()); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := safetensors.Decode(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return
		}
		source, ok := sourceFor(file)
		if !ok {
			source = images{4, 4, 1}
			file.Metadata[configKey] = string(minute().JSON())
		}
		var tr *Trainer
		bounded(t, "reading a state", func() { tr, err = resume(file, source, 3) })
		if err != nil {
			return
		}
		defer tr.Wait()
		saved := tr.state().file()
		for _, e := range saved.Tensors {
			got, want := bits(e.Value.Data()), bits(file.Get(e.Name).Data())
			for i := range want {
				if got[i] != want[i] {
					t.Fatalf("number %d of %s changed from %#x to %#x", i, e.Name, want[i], got[i])
				}
			}
		}
		if saved.Metadata[stepsKey] != file.Metadata[stepsKey] {
			t.Fatalf("%q steps became %q", file.Metadata[stepsKey], saved.Metadata[stepsKey])
		}
	})
}

// A model is loaded or refused, without a panic, whatever its file holds.
func FuzzModel(f *testing.F) {
	tr, err := NewTrainer(minute(), images{4, 4, 1})
	if err != nil {
		f.Fatal(err)
	}
	var b bytes.Buffer
	m := tr.Model()
	if err := safetensors.Encode(&b, m.file()); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := safetensors.DecodeHeader(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return
		}
		bounded(t, "reading a model", func() { decode("f", bytes.NewReader(b), int64(len(b)), h) })
	})
}
