package autodiff

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
	"time"
	"unsafe"

	"spdiff/tensor"
)

var nan = float32(math.NaN())

// mustPanic fails unless f panics with a message that contains part.
func mustPanic(t *testing.T, part string, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if e, ok := recover().(*UseError); !ok || !strings.Contains(e.Error(), part) {
			t.Errorf("panic with %v, want one about %q", e, part)
		}
	}()
	f()
}

func TestInputAndOutputMustBelong(t *testing.T) {
	x, unused := Input("x", 2), Input("unused", 3)
	y := Exp(x)
	z := Log(y)
	w := Compile(z).NewWorkspace()
	mustPanic(t, `Input: input "unused" 3 is no input`, func() { w.Input(unused) })
	mustPanic(t, `Input: exp "" 2 is no input`, func() { w.Input(y) })
	mustPanic(t, `Output: exp "" 2 is no output`, func() { w.Output(y) })
}

func TestSourcesAsOutputs(t *testing.T) {
	x, v := Input("x", 2), tensor.From([]float32{1, 2}, 2)
	n := Variable(v)
	w := Compile(x, n).NewWorkspace()
	if &w.Output(x)[0] != &w.Input(x)[0] || &w.Output(n)[0] != &v.Data()[0] {
		t.Error("an input or a variable as output has memory of its own")
	}
}

func TestAlignment(t *testing.T) {
	x := Input("x", 3)
	y := Exp(x)
	w := Compile(y, Log(y), Sum(y)).NewWorkspace()
	for n, v := range w.value {
		if uintptr(unsafe.Pointer(&v[0]))%64 != 0 {
			t.Errorf("%s is not at a multiple of 64 bytes", n.op.name)
		}
	}
}

func TestRunChecked(t *testing.T) {
	x := Input("x", 4)
	v := tensor.From([]float32{1, 1, 1, 1}, 4)
	h := Scale(Log(x).Named("stem"), 2)
	y := Mul(Exp(h), Variable(v).Named("head.weight")).Named("head")
	dx := Grad(Sum(y), x)[0]
	w := Compile(y, dx).NewWorkspace()
	for _, c := range []struct {
		x, v float32
		want NonFiniteError // the zero one for no error
	}{
		{x: 1, v: 1},
		{x: nan, v: 1, want: NonFiniteError{Op: "input", Label: "x"}},
		{x: 1, v: float32(math.Inf(1)), want: NonFiniteError{Op: "variable", Label: "head.weight"}},
		{x: 0, v: 1, want: NonFiniteError{Op: "log", Label: "stem"}},
		{x: 1e30, v: 1, want: NonFiniteError{Op: "exp", Label: "head"}},
		{x: 1e-30, v: 1e-30}, // e^(2 ln x) and its like underflow, which is no error
	} {
		for i := range 4 {
			w.Input(x)[i] = 1
		}
		w.Input(x)[2], v.Data()[2] = c.x, c.v
		err := w.RunChecked()
		if c.want.Op == "" {
			if err != nil {
				t.Errorf("x = %v: %v", c.x, err)
			}
			continue
		}
		var got *NonFiniteError
		if !errors.As(err, &got) || got.Op != c.want.Op || got.Label != c.want.Label || got.Index != 2 {
			t.Errorf("x = %v, v = %v: %v, want element 2 of %+v", c.x, c.v, err, c.want)
		}
	}
}

// After a number that is not finite in what Prepare does, or in what it reads, a workspace does not run: its weights are not packed.
// After one in an input or in Run's own operations it does, if it was prepared.
func TestRunCheckedPrepares(t *testing.T) {
	inf := float32(math.Inf(1))
	for _, c := range []struct {
		x, v     float32
		prepared bool
	}{{1, 1, true}, {nan, 1, true}, {1, inf, false}, {1, 200, false}, {200, 1, true}} { // e²⁰⁰ is an infinity
		x, v := Input("x", 1), Variable(tensor.From([]float32{c.v}, 1))
		w := Compile(Add(Exp(x), Exp(v))).NewWorkspace()
		w.Prepare()
		w.Input(x)[0] = c.x
		if err := w.RunChecked(); (err == nil) != (c.x == 1 && c.v == 1) {
			t.Errorf("x = %v, v = %v: %v", c.x, c.v, err)
		}
		if c.prepared {
			w.Run()
		} else {
			mustPanic(t, "Run: the workspace is not prepared: call Prepare", w.Run)
		}
	}
	x := Input("x", 1)
	w := Compile(Add(x, Exp(Variable(tensor.New(1))))).NewWorkspace()
	w.Input(x)[0] = nan
	if err := w.RunChecked(); err == nil {
		t.Error("an input that is not a number passes")
	}
	mustPanic(t, "Run: the workspace is not prepared: call Prepare", w.Run)
}

func TestRunCheckedInTheGradient(t *testing.T) {
	x := Input("x", 2)
	y := Sum(Sqrt(x).Named("root"))
	w := Compile(y, Grad(y, x)[0]).NewWorkspace()
	err := w.RunChecked() // √x is 0 at 0, its derivative infinite
	want := `autodiff: div "∂root" 2: element 0 is +Inf, the first value of the run that is not finite`
	if err == nil || err.Error() != want {
		t.Errorf("error\n  %v, want\n  %s", err, want)
	}
}

func TestLabels(t *testing.T) {
	x := Input("x", 2)
	w := Variable(tensor.New(2))
	a := Mul(Square(x), w).Named("first")
	b := Sin(Scale(a, 2)).Named("second")
	loss := Sum(Exp(b))
	p := Compile(append(Grad(loss, w), loss)...)
	for _, o := range p.Ops() {
		want := map[string]string{
			"square": "first", "mul": "first∂first∂second", "scale": "second∂second", "sin": "second",
			"cos": "∂second", "exp": "", "sumto": "", "expand": "",
		}[o.Name]
		if !strings.Contains(want, o.Label) || o.Label == "" != (want == "") && o.Name != "mul" {
			t.Errorf("%s has label %q, want one of %q", o.Name, o.Label, want)
		}
	}
	if w.Label() != "first" || x.Label() != "x" || loss.Label() != "" {
		t.Errorf("labels %q, %q, %q of a weight, an input and an unnamed loss", w.Label(), x.Label(), loss.Label())
	}
}

func TestProfile(t *testing.T) {
	x := Input("x", 1<<16)
	y := Sum(Exp(x))
	p := Compile(y)
	w := p.NewWorkspace()
	total := make([]time.Duration, len(p.Ops()))
	w.Profile(total)
	if w.Output(y)[0] != 1<<16 {
		t.Errorf("the sum of 2¹⁶ e⁰ is %v", w.Output(y)[0])
	}
	for i, d := range total {
		if d <= 0 {
			t.Errorf("operation %d took %v", i, d)
		}
	}
}

// A profile that ends within what Prepare does leaves a workspace that will not run.
func TestProfilePrepares(t *testing.T) {
	p := Compile(Add(Input("x", 2), Exp(Variable(tensor.New(2)))))
	w := p.NewWorkspace()
	total := make([]time.Duration, len(p.Ops()))
	w.Profile(total)
	w.Run()
	w.steps[0].tasks = []tensor.Task{{N: 1, Do: func(_, _ int) { panic(&UseError{"Exp", "the operation breaks"}) }}}
	mustPanic(t, "the operation breaks", func() { w.Profile(total) })
	mustPanic(t, "Run: the workspace is not prepared: call Prepare", w.Run)
}

func TestOpsTellTheirCost(t *testing.T) {
	x, y := Input("x", 2, 3, 4), Input("y", 2, 4, 5)
	o := Compile(BatchMatMul(x, y).Named("attention")).Ops()[0]
	if o.FLOPs != 2*2*3*4*5 || o.Bytes != 4*(24+40+30) || o.Label != "attention" {
		t.Errorf("%+v", o)
	}
}

// A counted context is done once it has been asked so often.
type counted struct {
	context.Context
	left int
}

func (c *counted) Err() error {
	if c.left--; c.left < 0 {
		return context.Canceled
	}
	return nil
}

// A preparation that is stopped leaves a workspace that will not run, and that can be prepared again.
func TestPrepareStops(t *testing.T) {
	x, v := Input("x", 2), Variable(tensor.From([]float32{1, 4}, 2))
	y := Add(x, Sqrt(Exp(v)))
	w := Compile(y).NewWorkspace()
	for left := range len(w.prepare) {
		if err := w.PrepareContext(&counted{context.Background(), left}); !errors.Is(err, context.Canceled) {
			t.Errorf("stopped after %d of %d operations: %v", left, len(w.prepare), err)
		}
		mustPanic(t, "Run: the workspace is not prepared: call Prepare", w.Run)
	}
	if err := w.PrepareContext(&counted{context.Background(), len(w.prepare)}); err != nil || len(w.prepare) < 2 {
		t.Errorf("%v, after %d operations", err, len(w.prepare))
	}
	w.Run()
}
