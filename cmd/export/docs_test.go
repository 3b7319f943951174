package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"spdiff"
	"spdiff/cmd/internal/onnx/onnxtest"
	"spdiff/group"
	"spdiff/sde"
)

// The programs of docs/onnx.md, which the tests run.
func program(t *testing.T, language string) string {
	t.Helper()
	page := string(read(t, "../../docs/onnx.md"))
	found := regexp.MustCompile("(?s)```" + language + "\n(.*?)```").FindStringSubmatch(page)
	if found == nil {
		t.Fatalf("docs/onnx.md has no program in %s", language)
	}
	if n := strings.Count(found[1], "\n"); n > 30 {
		t.Errorf("the program in %s has %d lines", language, n)
	}
	return found[1]
}

// replaced returns a text with a part that it must have replaced.
func replaced(t *testing.T, text string, pairs ...string) string {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			t.Fatalf("the program has no %q", pairs[i])
		}
		text = strings.Replace(text, pairs[i], pairs[i+1], 1)
	}
	return text
}

// drawn exports a model to a folder, with 6 steps, and puts the noise of three images there; it returns what the model draws from it
// without new noise, as pixels.
func drawn(t *testing.T, c spdiff.Config) (folder string, want []byte) {
	t.Helper()
	m, path := trained(t, c)
	file := exported(t, path, "-steps", "6")
	n := c.Network
	noise := make([]float32, 3*n.ImageHeight*n.ImageWidth*n.Out)
	for i := range 3 {
		size := len(noise) / 3
		sde.Seeded(4)(noise[i*size:(i+1)*size], i, sde.Start)
	}
	var raw bytes.Buffer
	binary.Write(&raw, binary.LittleEndian, channelsFirst(noise, 3, n.ImageHeight, n.ImageWidth, n.Out))
	folder = filepath.Dir(file)
	if err := os.WriteFile(filepath.Join(folder, "noise"), raw.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	z, err := m.Sample(context.Background(), spdiff.Sampling{N: 3, Reversal: spdiff.Reversal{Seed: 4, Steps: 6, Solver: sde.DDIM{}}})
	if err != nil {
		t.Fatal(err)
	}
	kind := 5
	if n.Out == 3 {
		kind = 6
	}
	want = fmt.Appendf(nil, "P%d %d %d 255\n", kind, n.ImageWidth, 3*n.ImageHeight)
	for _, v := range z.Data() {
		want = append(want, byte(max(0, min(255, v*127.5+128))))
	}
	return folder, want
}

// models are what the programs are tried with: what they look for, in several combinations.
func models() map[string]spdiff.Config {
	all := map[string]spdiff.Config{"plain": tiny(group.C4, spdiff.WT)}
	c := tiny(group.C4, spdiff.OC)
	c.Network.Classes, c.Predict, c.Schedule, c.Network.In, c.Network.Out = 3, spdiff.Preconditioned, spdiff.EDM, 3, 3
	all["classes, edm, colours"] = c
	c = tiny(group.D4, spdiff.CF)
	c.Condition, c.Predict = true, spdiff.Velocity
	all["condition, v"] = c
	return all
}

// compareImages runs a program as it stands, and again with the noise and no other, for what is to be the model's own images.
func compareImages(t *testing.T, folder string, want []byte, asIs, given string, command func(program string) *exec.Cmd) {
	t.Helper()
	images := filepath.Join(folder, "images.pnm")
	for _, text := range []string{asIs, given} {
		program := filepath.Join(folder, "program")
		if err := os.WriteFile(program, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if out, err := command(program).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	got := read(t, images)
	if len(got) != len(want) {
		t.Fatalf("%q…: %d bytes, want %q…: %d", got[:12], len(got), want[:12], len(want))
	}
	for i := range want {
		if d := int(got[i]) - int(want[i]); d < -1 || d > 1 {
			t.Fatalf("byte %d is %d, want %d", i, got[i], want[i])
		}
	}
}

// The program in Python draws what the model draws.
func TestPythonProgram(t *testing.T) {
	text := program(t, "python")
	for name, c := range models() {
		t.Run(name, func(t *testing.T) {
			command := onnxtest.PythonRuntime(t, "")
			folder, want := drawn(t, c)
			given := replaced(t, text, "n, eta, rng = 16, 1.0,", "n, eta, rng = 3, 0.0,",
				"rng.standard_normal(shape, dtype=np.float32)", `np.fromfile("noise", np.float32).reshape(shape)`)
			compareImages(t, folder, want, text, given, func(program string) *exec.Cmd {
				p := *command
				p.Dir, p.Args = folder, []string{p.Path, program}
				return &p
			})
		})
	}
}

// And the one in JavaScript.
func TestJavaScriptProgram(t *testing.T) {
	modules := onnxtest.Modules(t)
	text := program(t, "js")
	for name, c := range models() {
		t.Run(name, func(t *testing.T) {
			folder, want := drawn(t, c)
			given := replaced(t, text, "n = 16, eta = 1;", "n = 3, eta = 0;",
				"Float32Array.from({ length: size }, gauss)", `new Float32Array(Uint8Array.from(fs.readFileSync("noise")).buffer)`)
			compareImages(t, folder, want, text, given, func(program string) *exec.Cmd {
				p := exec.Command("node", program)
				p.Dir, p.Env = folder, append(os.Environ(), "NODE_PATH="+modules)
				return p
			})
		})
	}
}
