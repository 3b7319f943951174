package tensor

import (
	"context"
	"errors"
	"fmt"
)

// Stopped returns nil as long as ctx is not done. After that it returns an error that is both ctx.Err() and context.Cause(ctx) for
// errors.Is.
func Stopped(ctx context.Context) error {
	err := ctx.Err()
	if err == nil {
		return nil
	}
	cause := context.Cause(ctx)
	if errors.Is(cause, err) {
		return cause
	}
	return fmt.Errorf("%w: %w", err, cause)
}
