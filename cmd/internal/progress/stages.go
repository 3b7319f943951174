package progress

import "io"

// Stages shows one piece of work after another, each with a name of its own.
type Stages struct {
	w    io.Writer
	what string
	of   int
	p    *Progress // of a piece that goes on
}

// NewStages returns what shows them on w.
func NewStages(w io.Writer) *Stages { return &Stages{w: w} }

// Update says how much of a piece of work is done; another name, or another length, begins another piece.
func (s *Stages) Update(what string, done, of int) {
	if what != s.what || of != s.of || s.p == nil {
		s.Clear()
		s.what, s.of, s.p = what, of, New(s.w, Goal{Steps: of})
	}
	s.p.Update(done, what)
}

// Clear takes the line from the terminal: the piece is done.
func (s *Stages) Clear() {
	if s.p != nil {
		s.p.Clear()
	}
	s.p = nil
}
