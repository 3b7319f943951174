package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"spdiff"
	"spdiff/group"
	"spdiff/nn"
)

// A runtime is ONNX Runtime in a process of node.
type runtime struct {
	in     io.Writer
	out    *bufio.Scanner
	folder string
}

// newRuntime starts one, or skips the test where there is none.
func newRuntime(t *testing.T) *runtime {
	t.Helper()
	modules := os.Getenv("SPDIFF_ORT")
	if modules == "" {
		t.Skip("SKIPPED: nothing is run by ONNX Runtime: set SPDIFF_ORT to a folder node_modules with onnxruntime-node")
	}
	p := exec.Command("node", "testdata/run.js", modules)
	p.Stderr = os.Stderr
	in, err := p.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		p.Wait()
	})
	return &runtime{in, bufio.NewScanner(out), t.TempDir()}
}

// run returns what the file predicts of a batch, NCHW.
func (r *runtime) run(file string, b *batch) ([]float32, error) {
	type feed struct {
		Type string `json:"type"`
		Dims []int  `json:"dims"`
		File string `json:"file"`
	}
	inputs := map[string]feed{}
	add := func(name, kind string, data any, dims ...int) {
		path := filepath.Join(r.folder, name)
		var raw bytes.Buffer
		binary.Write(&raw, binary.LittleEndian, data)
		os.WriteFile(path, raw.Bytes(), 0o644)
		inputs[name] = feed{kind, dims, path}
	}
	times := make([]float32, b.n)
	for i := range times {
		times[i] = b.time
	}
	add("sample", "float32", channelsFirst(b.x, b.n, b.h, b.w, b.c), b.n, b.c, b.h, b.w)
	add("timestep", "float32", times, b.n)
	if b.cond != nil {
		add("condition", "float32", channelsFirst(b.cond, b.n, b.h, b.w, b.c), b.n, b.c, b.h, b.w)
	}
	if b.hasClasses {
		labels := make([]int64, b.n)
		for i, k := range b.classes {
			labels[i] = int64(k)
		}
		add("class_labels", "int64", labels, b.n)
	}
	out := filepath.Join(r.folder, "out")
	request, _ := json.Marshal(map[string]any{"model": file, "inputs": inputs, "out": out})
	fmt.Fprintf(r.in, "%s\n", request)
	if !r.out.Scan() {
		return nil, io.ErrUnexpectedEOF
	}
	if want := fmt.Sprintf("ok %d %d %d %d", b.n, b.c, b.h, b.w); r.out.Text() != want {
		return nil, fmt.Errorf("the runtime says %q, want %q", r.out.Text(), want)
	}
	raw, err := os.ReadFile(out)
	z := make([]float32, len(b.x))
	binary.Read(bytes.NewReader(raw), binary.LittleEndian, z)
	return z, err
}

// check compares what a model predicts with what its file does, for several sizes of a batch.
func (r *runtime) check(t *testing.T, m *spdiff.Model, file string, sizes ...int) {
	t.Helper()
	for _, n := range sizes {
		b := newBatch(m.Config(), n, uint64(n))
		got, err := r.run(file, b)
		if err != nil {
			t.Fatal(err)
		}
		most, largest := difference(got, channelsFirst(ours(t, m, b), n, b.h, b.w, b.c))
		if !(most <= 1e-4) || largest < 1e-2 {
			t.Errorf("%d images: off by %.2g; the largest number is %.2g", n, most, largest)
		}
		t.Logf("%d images: off by %.2g of %.2g", n, most, largest)
	}
}

// variants are small models of every method, with what else a model may have.
func variants() map[string]spdiff.Config {
	all := map[string]spdiff.Config{}
	for i, m := range spdiff.Methods() {
		for k, g := range []group.Group{group.C4, group.D4} {
			c := tiny(g, m)
			c.Predict, c.Schedule = spdiff.Predictions()[(i+k)%4], spdiff.Schedules()[(i+2*k)%6]
			c.Condition = (i+k)%2 == 0
			c.Network.Classes = 3 * ((i + k) % 2)
			if k == 1 {
				c.Network.In, c.Network.Out, c.Network.Mult, c.Network.Attention = 3, 3, []int{1, 1, 2}, []int{2, 4}
			}
			all[fmt.Sprintf("%v-%v-%v-%v", m, g, c.Predict, c.Schedule)] = c
		}
	}
	c := tiny(group.C2, spdiff.OC)
	c.Network.ImageHeight, c.Network.ImageWidth = 4, 12
	all["oblong-oc"] = c
	c.Method = spdiff.CF
	all["oblong-cf"] = c
	c.Method, c.Network.Kernel = spdiff.GC, 5
	all["oblong-gc"] = c
	return all
}

// Files predict in ONNX Runtime what models do, whatever the number of images, and pass the checker.
func TestRuntime(t *testing.T) {
	r := newRuntime(t)
	for name, c := range variants() {
		t.Run(name, func(t *testing.T) {
			m, path := trained(t, c)
			r.check(t, m, exported(t, path), 1, 2, 5)
		})
	}
}

// The presets too, under every method.
func TestRuntimePresets(t *testing.T) {
	r := newRuntime(t)
	if testing.Short() {
		t.Skip("SKIPPED: the presets are not run under -short")
	}
	for _, preset := range nn.Presets() {
		for _, method := range spdiff.Methods() {
			t.Run(fmt.Sprintf("%s-%v", preset, method), func(t *testing.T) {
				c, err := spdiff.DefaultConfig(preset)
				if err != nil {
					t.Fatal(err)
				}
				c.Method, c.Batch, c.Steps, c.Rate.Warmup = method, 1, 2, 0
				m, path := trained(t, c)
				r.check(t, m, exported(t, path), 1, 2)
			})
		}
	}
}

// A class that does not exist is refused by the runtime.
func TestRuntimeRefusesClasses(t *testing.T) {
	r := newRuntime(t)
	c := tiny(group.C4, spdiff.OC)
	c.Network.Classes = 3
	m, path := trained(t, c)
	b := newBatch(m.Config(), 2, 1)
	b.classes[1] = 3
	if _, err := r.run(exported(t, path), b); err == nil || !strings.Contains(err.Error(), "error") {
		t.Errorf("class 3 of 3: %v", err)
	}
}

// python returns the Python for the tests, or skips.
func python(t *testing.T) string {
	t.Helper()
	p := os.Getenv("SPDIFF_PYTHON")
	if p == "" {
		t.Skip("SKIPPED: no file is checked by onnx: set SPDIFF_PYTHON to a Python with numpy and onnx (Debian's: apt-get install python3-onnx)")
	}
	return p
}

// Files pass ONNX's own checker, with shapes inferred from node to node.
func TestChecker(t *testing.T) {
	args := []string{"testdata/check.py"}
	p := python(t)
	for _, c := range variants() {
		_, path := trained(t, c)
		args = append(args, exported(t, path))
	}
	out, err := exec.Command(p, args...).CombinedOutput()
	if err != nil || strings.Count(string(out), "ok ") != len(args)-1 {
		t.Errorf("%v\n%s", err, out)
	}
}
