package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"spdiff"
	"spdiff/asm"
)

// Flags that do not fit are usage errors that say why, and nothing is made.
func TestBadFlags(t *testing.T) {
	t.Chdir(t.TempDir())
	os.MkdirAll("old/x", 0o755)
	for _, c := range []struct{ args, want string }{
		{"-steps 5 -minutes 1", "one of them"},
		{"-steps 0", "at least 1"},
		{"-minutes 0", "more than 0"},
		{"-limit -1", "takes all"},
		{"-save -1", "at least 0"}, {"-save NaN", "at least 0"},
		{"-group C3", "C4"},
		{"-method tied", "there are wt, plain"},
		{"-predict x1", "there are x0, eps"},
		{"-preset big", "digits-s, digits-m, cells"},
		{"-mult 1,x", "no whole number"},
		{"-width 33", "must be even"}, {"-width 40", "multiple"},
		{"-mult 1,2,2,2", "3.5 pixels wide"},
		{"-dropout 1", "dropout"},
		{"-kernel 4", "4 taps"},
		{"-batch 0", "batch"},
		{"-lr -1", "rate"},
		{"-resume r -seed 3", "-seed cannot change"},
		{"-resume r -out s", "leave -out away"},
		{"-out old", "not empty"},
		{"extra", "no flag"},
		{"-nonsense", "not defined"},
	} {
		err := run(context.Background(), strings.Fields(c.args))
		var usage usageError
		if !errors.As(err, &usage) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v; want a usage error with %q", c.args, err, c.want)
		}
	}
	if entries, _ := os.ReadDir("."); len(entries) != 1 {
		t.Errorf("the errors left %v", entries)
	}
}

// Data that are not there are errors that name them.
func TestBadData(t *testing.T) {
	t.Chdir(t.TempDir())
	for args, want := range map[string]string{
		"-data mnist:nowhere":      "nowhere: there is neither",
		"-data cats":               "mnist:FOLDER",
		"-data mnist:":             "write mnist:FOLDER",
		"-resume nowhere":          "is it the folder of a run?",
		"-preset cells -minutes 1": "images are 28×28×1 and the network takes 64×64×3",
	} {
		if err := run(context.Background(), strings.Fields(args)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v; want an error with %q", args, err, want)
		}
	}
}

func TestHelp(t *testing.T) {
	if err := run(context.Background(), []string{"-h"}); err != flag.ErrHelp {
		t.Errorf("-h returns %v", err)
	}
}

// A run of three steps, resumed to six, has the model of a run of six; every file is there.
func TestRunAndResume(t *testing.T) {
	if asm.ISA() == "generic" {
		t.Skip("SKIPPED: a run of the command takes minutes without SIMD")
	}
	t.Chdir(t.TempDir())
	small := strings.Fields("-mult 1,1 -blocks 1 -batch 2 -attention= -threads 2 -samples 4")
	do := func(args ...string) {
		t.Helper()
		if err := run(context.Background(), args); err != nil {
			t.Fatal(err)
		}
	}
	do(append(small, "-steps", "15", "-out", "a")...)
	do(append(small, "-steps", "30", "-out", "b")...)
	do("-resume", "a", "-steps", "30", "-samples", "4")
	for _, name := range []string{configFile, runFile, modelFile, "state-000000030.safetensors", logFile, csvFile, plotFile, samplesDir + "/step-000030.png"} {
		if info, err := os.Stat(filepath.Join("a", name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	a, b := weights(t, "a"), weights(t, "b")
	if !bytes.Equal(a, b) {
		t.Error("the resumed run has another model")
	}
	if err := run(context.Background(), []string{"-resume", "a", "-steps", "20"}); err == nil || !strings.Contains(err.Error(), "30 steps already") {
		t.Errorf("going back: %v", err)
	}
}

// weights returns a model's file without the configuration, which has the number of steps.
func weights(t *testing.T, folder string) []byte {
	t.Helper()
	m, err := spdiff.Load(filepath.Join(folder, modelFile))
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(folder, modelFile))
	if err != nil {
		t.Fatal(err)
	}
	return b[len(b)-4*m.Parameters():]
}

// An interrupted run saves and says how to go on.
func TestInterrupt(t *testing.T) {
	if asm.ISA() == "generic" {
		t.Skip("SKIPPED: a run of the command takes minutes without SIMD")
	}
	t.Chdir(t.TempDir())
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := run(ctx, strings.Fields("-mult 1 -blocks 1 -batch 2 -attention= -out a")); err != nil {
		t.Fatal(err)
	}
	if _, err := spdiff.Load("a/" + modelFile); err != nil {
		t.Error(err)
	}
}
