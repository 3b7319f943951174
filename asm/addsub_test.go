package asm

import (
	"errors"
	"fmt"
	"testing"
)

// TestAddSub holds AddSub against the two operations written out, over lengths and distances, apart and in place.
func TestAddSub(t *testing.T) {
	eachProductISA(t, func(t *testing.T) {
		s := &source{state: 31}
		for length := 0; length <= 150; length++ {
			s.specials = length%3 == 0
			st := Stripes{Len: length, Count: 1 + length%3, Z: length + length%4, X: length + length%3}
			if length == 100 {
				st.Count = callLen/length + 5 // more than a call of assembly takes
			}
			n := (st.Count-1)*st.Z + length
			x, y := s.numbers((st.Count-1)*st.X+length), s.numbers((st.Count-1)*st.X+length)
			at := func(z []float32, i int) []float32 { return z[margin+i*(n+margin):][:n] }
			compare(t, s.numbers(margin+2*(n+margin)),
				func(z []float32) { AddSub(at(z, 0), at(z, 1), x, y, &st) },
				func(z []float32) {
					for k := range st.Count {
						for i := range st.Len {
							u, v := x[k*st.X+i], y[k*st.X+i]
							at(z, 0)[k*st.Z+i], at(z, 1)[k*st.Z+i] = u+v, u-v
						}
					}
				},
				func() string { return fmt.Sprintf("%+v", st) })
			st.X = st.Z
			compare(t, s.numbers(margin+2*(n+margin)),
				func(z []float32) { AddSub(at(z, 0), at(z, 1), at(z, 0), at(z, 1), &st) },
				func(z []float32) {
					for k := range st.Count {
						for i := k * st.Z; i < k*st.Z+st.Len; i++ {
							u, v := at(z, 0)[i], at(z, 1)[i]
							at(z, 0)[i], at(z, 1)[i] = u+v, u-v
						}
					}
				},
				func() string { return fmt.Sprintf("in place, %+v", st) })
		}
	})
}

// A stripe that would reach outside is a *LengthError.
func TestAddSubLengths(t *testing.T) {
	long, short := make([]float32, 8), make([]float32, 7)
	st := Stripes{Len: 3, Count: 2, Z: 5, X: 5}
	for i := range 4 {
		v := [4][]float32{long, long, long, long}
		v[i] = short
		func() {
			defer func() {
				var e *LengthError
				if err, ok := recover().(error); !ok || !errors.As(err, &e) {
					t.Errorf("argument %d is too short: no *LengthError", i)
				}
			}()
			AddSub(v[0], v[1], v[2], v[3], &st)
		}()
	}
	AddSub(nil, nil, nil, nil, &Stripes{})
}
