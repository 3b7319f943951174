package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// An event is what is told on the way: by name, and data as JSON.
type event struct {
	name string
	data any
}

// A step says how far the work is.
type step struct {
	Done int `json:"done"`
	Of   int `json:"of"`
}

// A report is where events go.
type report interface {
	send(event)                 // one that must arrive
	step(done, of int)          // progress, of which the last counts
	frame(picture func() frame) // one that may be left out where the client is slow
}

// nowhere is the report of a request that wants the result alone.
type nowhere struct{}

func (nowhere) send(event)         {}
func (nowhere) step(_, _ int)      {}
func (nowhere) frame(func() frame) {}

// wantsEvents reports whether a request asks for server-sent events.
func wantsEvents(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept"), "text/event-stream")
}

// Of a stream: how much may wait for a client before frames are left out, and what tells it, and proxies between, that the service is
// still there: a comment, which clients skip.
const (
	enough  = 1 << 20
	comment = ": waiting\n\n"
)

// A stream writes events to a client in a goroutine of its own, so that the work never waits for it.
type stream struct {
	w      http.ResponseWriter
	limits limits
	cancel context.CancelCauseFunc // of the request, where the client takes nothing

	mu      sync.Mutex
	pending bytes.Buffer  // events, written out
	writing int           // bytes of events that the client is taking
	last    *step         // progress that is not told yet
	wake    chan struct{} // there is something, or all is done
	closed  bool
	end     time.Time     // by when all must be taken, if closed
	ended   chan struct{} // the goroutine has
}

// newStream begins the answer.
func newStream(w http.ResponseWriter, l limits, cancel context.CancelCauseFunc) *stream {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no") // proxies are to pass events on at once
	s := &stream{w: w, limits: l, cancel: cancel, wake: make(chan struct{}, 1), ended: make(chan struct{})}
	go s.run()
	return s
}

func (s *stream) send(e event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.flushStep()
	s.put(e)
}

func (s *stream) step(done, of int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = &step{done, of}
	s.signal()
}

func (s *stream) frame(picture func() frame) {
	s.mu.Lock()
	slow := s.pending.Len()+s.writing > enough
	s.mu.Unlock()
	if !slow {
		s.send(event{"frame", picture()})
	}
}

// close writes what is left, and waits until it is written, as long as a request may take at most.
func (s *stream) close() {
	s.mu.Lock()
	s.flushStep()
	s.closed, s.end = true, time.Now().Add(s.limits.time)
	s.signal()
	s.mu.Unlock()
	<-s.ended
}

// flushStep puts progress in its place before what comes.
func (s *stream) flushStep() {
	if s.last != nil {
		e := event{"step", *s.last}
		s.last = nil
		s.put(e)
	}
}

func (s *stream) put(e event) {
	text, err := json.Marshal(e.data)
	if err != nil {
		panic(err) // of our own types
	}
	fmt.Fprintf(&s.pending, "event: %s\ndata: %s\n\n", e.name, text)
	s.signal()
}

func (s *stream) signal() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// run writes what there is as often as there is something, and a comment now and then, for a proxy ends what is silent.
func (s *stream) run() {
	defer close(s.ended)
	c := http.NewResponseController(s.w)
	beat := time.NewTicker(s.limits.beat)
	defer beat.Stop()
	for {
		select {
		case <-s.wake:
		case <-beat.C:
			s.beat()
		}
		text, closed := s.take()
		if err := s.write(c, text); err != nil {
			s.cancel(errGone)
			return
		}
		s.taken()
		if closed {
			return
		}
		c.SetWriteDeadline(time.Time{}) // HTTP/2 ends a stream at its deadline even if nothing is being written
	}
}

// write sends the client events, each with a deadline of its own; where none can be set, the server's holds.
func (s *stream) write(c *http.ResponseController, events []byte) error {
	for e := range bytes.SplitAfterSeq(events, []byte("\n\n")) {
		c.SetWriteDeadline(s.deadline())
		if _, err := s.w.Write(e); err != nil {
			return err
		}
		if err := c.Flush(); err != nil {
			return err
		}
	}
	return nil
}

// deadline returns by when the client must have taken the next event.
func (s *stream) deadline() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	next := time.Now().Add(s.limits.patience)
	if s.closed && s.end.Before(next) {
		return s.end
	}
	return next
}

// beat puts a comment after what there is.
func (s *stream) beat() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pending.WriteString(comment)
}

// take returns what is to be written, and whether that is all.
func (s *stream) take() (text []byte, closed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.flushStep()
	text = bytes.Clone(s.pending.Bytes())
	s.pending.Reset()
	s.writing = len(text)
	return text, s.closed
}

// taken says that the client has taken what was being written.
func (s *stream) taken() {
	s.mu.Lock()
	s.writing = 0
	s.mu.Unlock()
}
