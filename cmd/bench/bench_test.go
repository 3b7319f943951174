package main

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"spdiff/asm"
	"spdiff/cmd/internal/cli/clitest"
	"spdiff/tensor"
)

func TestBadFlags(t *testing.T) {
	clitest.BadFlags(t, run, map[string]string{
		"-threads 0":              "at least 1",
		"-runs 0":                 "at least 1",
		"-deal -1":                "from 1 to",
		"-deal 8 gemm/784":        "none of these cases",
		"nothing":                 "no case begins with nothing",
		"-quick":                  "not defined",
		"-json -profile unet":     "-profile and -deal print tables",
		"-json -deal 2 unet":      "-profile and -deal print tables",
		"-profile -deal 2 unet":   "give one of them",
		"-threads 2 -deal 8 gemm": "leave -threads out",
		"-shapes unet":            "-shapes is of a -profile",
		"-scaling a.png unet":     "steps of its own",
		"-scaling a.png -deal 2":  "steps of its own",
		"-scaling a.png -profile": "steps of its own",
	})
	if help := clitest.Help(t, run); !strings.Contains(help, "go run ./cmd/bench fma conv3x3") || !strings.Contains(help, "-profile") {
		t.Errorf("-h prints %q", help)
	}
}

// Each case has a name of its own, and a prefix chooses those that begin with it.
func TestCases(t *testing.T) {
	all := cases(tensor.BF16)
	var names []string
	for _, c := range all {
		if slices.Contains(names, c.name) || (c.setup == nil) == (c.program == nil) {
			t.Errorf("%s is there twice, or is not one thing to be timed", c.name)
		}
		names = append(names, c.name)
	}
	out := clitest.Captured(t, func() {
		if err := run(context.Background(), []string{"-list", "inception", "gemm/512"}); err != nil {
			t.Error(err)
		}
	})
	if want := "gemm/512x512x512\ninception\n"; out != want {
		t.Errorf("-list prints %q, want %q", out, want)
	}
}

// A line of JSON has the fields of the scripts that time other frameworks, and figures that can be.
func TestJSON(t *testing.T) {
	out := clitest.Captured(t, func() {
		if err := run(context.Background(), []string{"-json", "-runs", "1", "-threads", "1", "gemm/784", "solver/dopri", "wrap/digits-s/canonical"}); err != nil {
			t.Error(err)
		}
	})
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if len(lines) != 3 {
		t.Fatalf("%d lines:\n%s", len(lines), out)
	}
	for i, want := range []string{"gemm/784x64x64", "solver/dopri", "wrap/digits-s/canonical"} {
		var r row
		d := json.NewDecoder(bytes.NewReader([]byte(lines[i])))
		d.DisallowUnknownFields()
		if err := d.Decode(&r); err != nil || r.Case != want || r.Peer != "spdiff" || !(r.Ms > 0) || r.PeakRSS < 1 || r.Threads != 1 {
			t.Errorf("%s: %v", lines[i], err)
		}
	}
}

// A line names the precision of its own products: a solver's are float32 whatever is asked of the others.
func TestPrecisionOfLines(t *testing.T) {
	out := clitest.Captured(t, func() {
		if err := run(context.Background(), []string{"-json", "-runs", "1", "-threads", "1", "-precision", "bf16", "gemm/784", "solver/dopri"}); err != nil {
			t.Error(err)
		}
	})
	got := map[string]tensor.Precision{}
	for line := range strings.Lines(out) {
		var r row
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Error(err)
		}
		got[r.Case] = r.Precision
	}
	if want := map[string]tensor.Precision{"gemm/784x64x64": tensor.BF16, "solver/dopri": tensor.Float32}; !maps.Equal(got, want) {
		t.Errorf("precisions are %v, want %v", got, want)
	}
	table := clitest.Captured(t, func() {
		if err := run(context.Background(), []string{"-runs", "1", "-threads", "1", "-precision", "bf16", "solver/dopri"}); err != nil {
			t.Error(err)
		}
	})
	if strings.Contains(table, "bf16 ") || !strings.Contains(table, "float32") {
		t.Errorf("the table of a solver says\n%s", table)
	}
}

// A profile names the operations of a step and what all but products take.
func TestProfile(t *testing.T) {
	if asm.ISA() == "generic" {
		t.Skip("SKIPPED: a step of digits-s takes minutes without assembly")
	}
	out := clitest.Captured(t, func() {
		if err := run(context.Background(), []string{"-profile", "-runs", "1", "unet-wt/digits-s/train"}); err != nil {
			t.Error(err)
		}
	})
	for _, want := range []string{"unet-wt/digits-s/train", "product.dw", "optimiser", "all but products"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
}

// A picture that cannot be written is an error before the work.
func TestScalingNowhere(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	stop() // the work would say so
	folder := t.TempDir()
	for path, want := range map[string]string{filepath.Join(folder, "none", "x.png"): "cannot be written", folder: "no file"} {
		said := clitest.Captured(t, func() {
			if err := run(ctx, []string{"-scaling", path}); err == nil || !strings.Contains(err.Error(), "-scaling "+path) || !strings.Contains(err.Error(), want) {
				t.Errorf("%v; want an error with %q", err, want)
			}
		})
		if said != "" {
			t.Errorf("it began: %s", said)
		}
	}
}

// When it is interrupted it stops, and draws nothing.
func TestInterrupted(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	stop()
	for _, args := range [][]string{{"fma"}, {"-profile", "unet"}, {"-deal", "2", "unet"}, {"-scaling", filepath.Join(t.TempDir(), "a.png")}} {
		if err := run(ctx, args); err != context.Canceled {
			t.Errorf("%v: %v", args, err)
		}
	}
}

// What docs/tiles.sh asks for is there.
func TestScript(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	stop()
	for _, args := range clitest.Calls(t, filepath.Join("..", "..", "docs", "tiles.sh"), `"$bench"`, "$threads", "1", "$precision", "bf16", "$plain", "unet/digits-s", "$tied", "unet-wt/cells") {
		if err := run(ctx, args); err != context.Canceled {
			t.Errorf("%v: %v", args, err)
		}
	}
}
