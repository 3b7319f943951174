package spdiff

import (
	"context"
	"log/slog"
	"time"
)

type loggerKey struct{}

// WithLogger returns a context with which calls of this package log to l what they do; without it or with nil they log nothing. At the
// level of Info a training logs where it begins and how it ends; at Debug what each step did, the numbers of [Step.Scalars], and how
// long it took to draw a batch of images, or to denoise images. An error that ends them is logged, and returned as ever.
// What an image shows, its class and its seed are not logged, but for what an error says of them.
func WithLogger(ctx context.Context, l *slog.Logger) context.Context {
	return context.WithValue(ctx, loggerKey{}, l)
}

var silent = slog.New(slog.DiscardHandler)

// logger returns that of a context.
func logger(ctx context.Context) *slog.Logger {
	if l, ok := ctx.Value(loggerKey{}).(*slog.Logger); ok && l != nil {
		return l
	}
	return silent
}

// ended says what took the time since begun, and with which error it ended.
func ended(ctx context.Context, level slog.Level, what string, begun time.Time, err error, about ...slog.Attr) {
	about = append(about, slog.Duration("took", time.Since(begun)))
	if err != nil {
		about = append(about, slog.Any("error", err))
	}
	logger(ctx).LogAttrs(ctx, level, what, about...)
}

// log says what a step did.
func (s Step) log(ctx context.Context) {
	l := logger(ctx)
	if !l.Enabled(ctx, slog.LevelDebug) {
		return
	}
	about := []slog.Attr{slog.Int("number", s.Number)}
	for _, v := range s.Scalars() {
		about = append(about, slog.Float64(v.Name, v.Value))
	}
	l.LogAttrs(ctx, slog.LevelDebug, "step", about...)
}
