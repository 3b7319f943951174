package autodiff

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"spdiff/tensor"
)

// A plan that is broken in one place is found out.
func TestVerifyFindsBrokenPlans(t *testing.T) {
	type parts struct {
		p                  *Program
		x, a, b, sum, scan *Node
	}
	build := func() parts {
		x := Input("x", 8, 512)
		a, b := Exp(x), Sin(x)
		sum := Add(a, b)
		scan := BatchMatMul(sum, Transpose(Cos(b)))
		return parts{compile([]*Node{scan, sum}, planner{reuse: true}), x, a, b, sum, scan}
	}
	offset := func(p *Program) map[*Node]int { return p.plan.offset }
	for name, c := range map[string]struct {
		breaks func(s parts)
		want   string
	}{
		"a value over another that is read later": {func(s parts) { offset(s.p)[s.b] = offset(s.p)[s.a] }, "not there, or not any more"},
		"a value over an input":                   {func(s parts) { offset(s.p)[s.a] = offset(s.p)[s.x] }, "not there, or not any more"},
		"a result on half an argument":            {func(s parts) { offset(s.p)[s.sum] = offset(s.p)[s.b] + 16 }, "result lies on argument"},
		"a result in place where it may not be":   {func(s parts) { offset(s.p)[s.scan] = offset(s.p)[s.sum] }, "result lies on argument"},
		"an operation before its argument": {func(s parts) {
			slices.Reverse(s.p.stages)
		}, "not there"},
		"more arguments in place than there are": {func(s parts) { s.sum.op.inplace = 3 }, "speaks of more"},
		"scratch on an argument": {func(s parts) {
			s.scan.op.scratch = 4
			s.p.plan.scratch[s.scan] = offset(s.p)[s.sum] + 5
		}, "scratch lies on"},
		"an output that does not last": {func(s parts) { s.p.outputs = append(s.p.outputs, s.a) }, "not there, or not any more"},
	} {
		s := build()
		s.p.verify()
		c.breaks(s)
		func() {
			defer func() {
				var e *PlanError
				if err, _ := recover().(error); !errors.As(err, &e) || !strings.Contains(e.Error(), c.want) {
					t.Errorf("%s: %v, want %q", name, err, c.want)
				}
			}()
			s.p.verify()
		}()
	}
}

// An operation that says that it goes image by image must have a piece of work for each.
func TestTasksAreAsDeclared(t *testing.T) {
	y := Exp(Input("x", 8, 512))
	y.op.bind = func(z []float32, x [][]float32) []tensor.Task { return perChunk(8*512, func(_, _ int) {}) }
	defer func() {
		var e *PlanError
		if err, _ := recover().(error); !errors.As(err, &e) || !strings.Contains(e.Error(), "not one task of 8 pieces") {
			t.Errorf("%v", err)
		}
	}()
	compile([]*Node{y}, planner{}).NewWorkspace()
}

// What a caller may not do is a *UseError.
func TestWrongUse(t *testing.T) {
	x := Input("x", 3)
	v := Exp(Variable(tensor.New(3)))
	program := Compile(Add(x, v))
	for want, f := range map[string]func(){
		"Workspace.Run: the workspace is not prepared": func() { program.NewWorkspace().Run() },
		"Workspace.Run: another goroutine": func() {
			w := program.NewWorkspace()
			w.Prepare()
			w.busy.Store(true)
			w.Run()
		},
		"Workspace.Profile: 1 times for 2 operations": func() { program.NewWorkspace().Profile(make([]time.Duration, 1)) },
		"Compile: there must be outputs":              func() { Compile() },
		"Compile: there must be outputs, and none":    func() { CompileStep(x, nil) },
	} {
		func() {
			defer func() {
				var e *UseError
				if err, _ := recover().(error); !errors.As(err, &e) || !strings.Contains(e.Error(), want) {
					t.Errorf("%v, want %q", err, want)
				}
			}()
			f()
		}()
	}
	w := CompileStep(Add(x, v)).NewWorkspace()
	w.Run() // nothing to prepare
}
