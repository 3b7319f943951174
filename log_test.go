package spdiff_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"

	"spdiff"
	"spdiff/tensor"
)

// plainly returns a logger without times, which are never the same.
func plainly(to interface{ Write([]byte) (int, error) }, level slog.Level) *slog.Logger {
	return slog.New(slog.NewTextHandler(to, &slog.HandlerOptions{Level: level, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Key == "took" {
			return slog.Attr{}
		}
		return a
	}}))
}

// A program's own logger hears of a training; at the level of Debug, of each step, each batch of samples and each image too.
func ExampleWithLogger() {
	ctx := spdiff.WithLogger(context.Background(), plainly(os.Stdout, slog.LevelInfo))
	_, err := spdiff.Train(ctx, small(), stripes{}, nil)
	fmt.Println(err)
	// Output:
	// level=INFO msg=training done=0 of=3
	// level=INFO msg="training ended" done=3
	// <nil>
}

// At Debug each step, batch and image is said once, with its numbers, and errors with what they ended.
func TestLogger(t *testing.T) {
	var b bytes.Buffer
	said := func() (lines []string) {
		for line := range strings.Lines(b.String()) {
			lines = append(lines, strings.TrimSpace(strings.TrimPrefix(line, "level=")))
		}
		b.Reset()
		return lines
	}
	equal := func(want ...string) {
		t.Helper()
		if got := said(); !slices.EqualFunc(got, want, strings.HasPrefix) {
			t.Errorf("it says\n%s\nand not\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
	ctx := spdiff.WithLogger(t.Context(), plainly(&b, slog.LevelDebug))
	m, err := spdiff.Train(ctx, small(), stripes{}, func(_ *spdiff.Trainer, s spdiff.Step) error {
		if s.Number == 2 {
			return errors.New("enough")
		}
		return nil
	})
	if err == nil {
		t.Error("no error")
	}
	equal("INFO msg=training done=0 of=3", "DEBUG msg=step number=1 loss=", "DEBUG msg=step number=2 loss=", `INFO msg="training ended" done=2 error=enough`)

	r := spdiff.Reversal{Steps: 3, Batch: 2}
	if _, err := m.Sample(ctx, spdiff.Sampling{N: 3, Reversal: r}); err != nil {
		t.Error(err)
	}
	equal(`DEBUG msg="images drawn" images=2`, `DEBUG msg="images drawn" images=1`)
	if _, _, err := m.Denoise(ctx, tensor.New(2, 8, 10, 1), spdiff.Denoising{Reversal: r}); err != nil {
		t.Error(err)
	}
	equal(`DEBUG msg="images denoised" images=2 rows=8 columns=10 tiles=2 steps=3`)
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if _, _, err := m.Denoise(gone, tensor.New(8, 8, 1), spdiff.Denoising{Reversal: r}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	equal(`DEBUG msg="images denoised" images=1 rows=8 columns=8 tiles=1 steps=3 error="context canceled`)
	for _, quiet := range []context.Context{t.Context(), spdiff.WithLogger(ctx, nil), spdiff.WithLogger(ctx, plainly(&b, slog.LevelInfo))} {
		if _, err := m.Sample(quiet, spdiff.Sampling{Reversal: r}); err != nil {
			t.Error(err)
		}
	}
	equal()
}
