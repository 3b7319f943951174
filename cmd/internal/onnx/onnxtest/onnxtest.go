// Package onnxtest runs ONNX files in tests, by runtimes that are not ours: ONNX Runtime for node, whose folder node_modules
// SPDIFF_ORT names, and Python's onnx, by the Python that SPDIFF_PYTHON names. Tests that want one which is not there are skipped, and say
// so.
package onnxtest

import (
	"bufio"
	"bytes"
	_ "embed"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var (
	//go:embed run.js
	runScript []byte
	//go:embed check.py
	checkScript []byte
	//go:embed onnxruntime.py
	standIn []byte
)

// Modules returns the folder of node's modules, or skips the test.
func Modules(t *testing.T) string {
	t.Helper()
	return setting(t, "SPDIFF_ORT", "nothing is run by ONNX Runtime: set SPDIFF_ORT to a folder node_modules with onnxruntime-node "+
		"(npm install --ignore-scripts onnxruntime-node@1.20.1)")
}

// Python returns the Python for tests, or skips the test.
func Python(t *testing.T) string {
	t.Helper()
	const without = "nothing is checked by Python's onnx: set SPDIFF_PYTHON to a Python with numpy and onnx (Debian's: apt-get install python3-onnx)"
	python := setting(t, "SPDIFF_PYTHON", without)
	if err := exec.Command(python, "-c", "import numpy, onnx").Run(); err != nil {
		t.Skip("SKIPPED: " + without)
	}
	return python
}

func setting(t *testing.T, name, without string) string {
	t.Helper()
	v := os.Getenv(name)
	if v == "" {
		t.Skip("SKIPPED: " + without)
	}
	return v
}

// A Tensor is an input: Data is a []float32 or an []int64.
type Tensor struct {
	Data any
	Dims []int
}

// A Runtime is ONNX Runtime in a process of node.
type Runtime struct {
	in     io.Writer
	out    *bufio.Scanner
	folder string
}

// New starts a runtime, which ends with the test.
func New(t *testing.T) *Runtime {
	t.Helper()
	modules, folder := Modules(t), t.TempDir()
	p := exec.Command("node", write(t, folder, "run.js", runScript), modules)
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
	return &Runtime{in, bufio.NewScanner(out), folder}
}

func write(t *testing.T, folder, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(folder, name)
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// Run returns the first output of a file, float32, and its shape.
func (r *Runtime) Run(file string, inputs map[string]Tensor) (z []float32, dims []int, err error) {
	type feed struct {
		Type string `json:"type"`
		Dims []int  `json:"dims"`
		File string `json:"file"`
	}
	feeds := map[string]feed{}
	for name, x := range inputs {
		var raw bytes.Buffer
		binary.Write(&raw, binary.LittleEndian, x.Data)
		f := feed{"float32", x.Dims, filepath.Join(r.folder, name)}
		if _, ok := x.Data.([]int64); ok {
			f.Type = "int64"
		}
		if err := os.WriteFile(f.File, raw.Bytes(), 0o644); err != nil {
			return nil, nil, err
		}
		feeds[name] = f
	}
	out := filepath.Join(r.folder, "out")
	request, _ := json.Marshal(map[string]any{"model": file, "inputs": feeds, "out": out})
	fmt.Fprintf(r.in, "%s\n", request)
	if !r.out.Scan() {
		return nil, nil, io.ErrUnexpectedEOF
	}
	said := strings.Fields(r.out.Text())
	if said[0] != "ok" {
		return nil, nil, fmt.Errorf("the runtime says: %s", r.out.Text())
	}
	for _, d := range said[1:] {
		n, _ := strconv.Atoi(d)
		dims = append(dims, n)
	}
	raw, err := os.ReadFile(out)
	z = make([]float32, len(raw)/4)
	binary.Read(bytes.NewReader(raw), binary.LittleEndian, z)
	return z, dims, err
}

// Check fails unless the files pass ONNX's own checker, with all shapes inferred, or skips the test.
func Check(t *testing.T, files ...string) {
	t.Helper()
	python := Python(t)
	script := write(t, t.TempDir(), "check.py", checkScript)
	out, err := exec.Command(python, append([]string{script}, files...)...).CombinedOutput()
	if err != nil || strings.Count(string(out), "ok ") != len(files) {
		t.Errorf("%v\n%s", err, out)
	}
}

// PythonRuntime returns a command that runs Python in a folder, where onnxruntime is Python's, or if it has none a stand-in
// before node's. It skips the test where neither is.
func PythonRuntime(t *testing.T, folder string, args ...string) *exec.Cmd {
	t.Helper()
	p := exec.Command(Python(t), args...)
	p.Dir, p.Env = folder, os.Environ()
	if exec.Command(p.Path, "-c", "import onnxruntime").Run() != nil {
		script := t.TempDir()
		write(t, script, "onnxruntime.py", standIn)
		p.Env = slices.Concat(p.Env, []string{"PYTHONPATH=" + script, "SPDIFF_RUN=" + write(t, script, "run.js", runScript), "SPDIFF_ORT=" + Modules(t)})
	}
	return p
}
