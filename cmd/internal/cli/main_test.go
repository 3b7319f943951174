package cli

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"testing"
)

// What a command says where a signal ended it, how to go on say, is printed, and the signal once, whether the error is the context's
// or its cause.
func TestReportOfInterrupt(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(&Interrupt{os.Interrupt})
	for _, end := range []error{ctx.Err(), context.Cause(ctx)} {
		var said bytes.Buffer
		code := report(&said, "probe", ctx, fmt.Errorf("%w; the next is -first 4", end))
		if want := "probe: ended by a signal: interrupt; the next is -first 4\n"; code != 130 || said.String() != want {
			t.Errorf("exit code %d, %q; want 130, %q", code, said.String(), want)
		}
	}
}
