package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"spdiff"
	"spdiff/cmd/internal/cli/clitest"
	"spdiff/cmd/internal/onnx"
	"spdiff/group"
	"spdiff/sde"
	"spdiff/tensor"
	"spdiff/tensor/safetensors"
)

func TestBadFlags(t *testing.T) {
	clitest.BadFlags(t, run, map[string]string{
		"":                         "-model is missing",
		"-model m -out m.pb":       "end in .onnx",
		"-model m -steps 0":        "from 1 to",
		"-model m -steps 10000000": "from 1 to",
		"-model m more":            "no flag",
	})
	help := clitest.Help(t, run)
	for _, want := range []string{"export -model", "out_sample", "docs/onnx.md"} {
		if !strings.Contains(help, want) {
			t.Errorf("-h does not say %s", want)
		}
	}
}

// Bad files are errors that name them and say what would help, and nothing is written.
func TestBadFiles(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	_, good := trained(t, tiny(group.C4, spdiff.WT))
	os.WriteFile(at("text"), []byte("no model at all"), 0o644)
	foreign := &safetensors.File{Tensors: []safetensors.Tensor{{Name: "generator.weight", Value: tensor.New(2, 3)}}}
	if err := safetensors.Write(at("gan"), foreign); err != nil {
		t.Fatal(err)
	}
	large, err := os.Create(at("large"))
	if err != nil {
		t.Fatal(err)
	}
	large.Truncate(onnx.Limit + 10) // which no disk holds
	large.Close()
	os.Mkdir(at("folder.onnx"), 0o755)
	for _, c := range []struct{ model, out, want string }{
		{at("text"), at("m.onnx"), at("text")},
		{at("none"), at("m.onnx"), at("none")},
		{at("gan"), at("m.onnx"), "the command import makes a model"},
		{at("large"), at("m.onnx"), "shorter than 2 GiB"},
		{good, at("nowhere/m.onnx"), "make the folder"},
		{good, at("folder.onnx"), "name another"},
	} {
		err := run(context.Background(), []string{"-model", c.model, "-out", c.out})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s to %s: %v; want %q", c.model, c.out, err, c.want)
		}
		if _, err := os.Stat(at("m.onnx")); err == nil {
			t.Errorf("%s: something is written", c.model)
		}
	}
	stopped, cancel := context.WithCancel(context.Background())
	cancel()
	if err := run(stopped, []string{"-model", good, "-out", at("m.onnx")}); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
}

// An export of a model has the same bytes each time, and on every machine; the hash changes with what is written, and then is to be
// set anew.
func TestGoldenFile(t *testing.T) {
	c := tiny(group.C4, spdiff.CF)
	c.Network.Classes, c.Condition = 3, true
	_, path := trained(t, c)
	raw := read(t, exported(t, path))
	if !bytes.Equal(raw, read(t, exported(t, path))) {
		t.Error("two exports differ")
	}
	const want = "0a9718074cc09e13"
	if got := fmt.Sprintf("%x", sha256.Sum256(raw))[:16]; got != want {
		t.Errorf("the hash is %s, want %s", got, want)
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// Every method is a graph, and has what it adds to the network.
func TestEveryMethod(t *testing.T) {
	for _, method := range spdiff.Methods() {
		_, path := trained(t, tiny(group.D4, method))
		raw := read(t, exported(t, path))
		for name, has := range map[string]bool{
			"average/ReduceMean": method == spdiff.OC || method == spdiff.RegOC,
			"frame.template":     method == spdiff.CF,
			"input_blocks.0.0":   true,
			"class_labels":       false,
		} {
			if bytes.Contains(raw, []byte(name)) != has {
				t.Errorf("%v: %s is in the file: %v", method, name, !has)
			}
		}
	}
}

// The coefficients of every process and prediction are finite, and those of the model: D = x₀ where F is exact.
func TestSampler(t *testing.T) {
	for _, schedule := range spdiff.Schedules() {
		for _, predict := range spdiff.Predictions() {
			c := tiny(group.C4, spdiff.WT)
			c.Schedule, c.Predict, c.Steps = schedule, predict, 1
			m, _ := trained(t, c)
			s := newSampler(m, 7)
			if len(s.Alpha) != 8 || len(s.Sigma) != 8 || len(s.In) != 7 || len(s.Timestep) != 7 {
				t.Fatalf("%v, %v: %+v", schedule, predict, s)
			}
			for i, time := range sde.Grid(c.Process(), sde.DDIM{}, 7)[:7] {
				k, _ := m.Coefficients(time)
				x0, eps := 0.3, -0.8
				d := s.Skip[i]*(s.Alpha[i]*x0+s.Sigma[i]*eps) + s.Out[i]*(k.A*x0+k.B*eps)
				if i > 0 && !(math.Abs(d-x0) < 1e-6) { // at the beginning there may be nothing left of x₀
					t.Errorf("%v, %v: step %d: D is %v", schedule, predict, i, d)
				}
			}
			for _, v := range slices.Concat(s.In, s.Skip, s.Out, s.Alpha, s.Sigma) {
				if math.Abs(v) > math.MaxFloat32 {
					t.Errorf("%v, %v: %v", schedule, predict, v)
				}
			}
		}
	}
}

// The file beside has the same metadata: what is JSON as such, the rest as texts.
func TestMetadata(t *testing.T) {
	c := tiny(group.C4, spdiff.OC)
	c.Predict, c.Network.Classes = spdiff.Velocity, 3
	m, path := trained(t, c)
	out := exported(t, path, "-steps", "5")
	var beside map[string]any
	if err := json.Unmarshal(read(t, out+".json"), &beside); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]any{"prediction_type": "v_prediction", "schedule": "cosine", "method": "oc", "group": "C4",
		"num_class_embeds": "3", "timestep": "1000*t"} {
		if beside[key] != want {
			t.Errorf("%s is %v, want %v", key, beside[key], want)
		}
	}
	if s := beside["sampler"].(map[string]any); s["steps"] != 5.0 || len(s["skip"].([]any)) != 5 {
		t.Errorf("sampler: %v", s)
	}
	raw := read(t, out)
	for _, p := range metadata(m, 5) {
		if !bytes.Contains(raw, []byte(p.Key)) || !bytes.Contains(raw, []byte(p.Value)) {
			t.Errorf("%s is not in the file", p.Key)
		}
	}
	config, err := spdiff.ParseConfig([]byte(compact(beside["config"])))
	if err != nil || config.Method != spdiff.OC {
		t.Errorf("config: %v, %v", config, err)
	}
}
