package main

import (
	"context"

	"spdiff/group"
)

func (w *work) report(ctx context.Context, g group.Group, p page) error { return nil }
