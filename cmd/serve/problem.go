package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"spdiff"
	"spdiff/sde"
)

// A problem is what an answer says that went wrong (RFC 9457), and what to do.
type problem struct {
	Status int    `json:"status"`
	Title  string `json:"title"`
	Detail string `json:"detail"`
	after  int    // seconds, after which to try again; 0: it would be the same
	cause  error  // for the log, where it is the service's fault
}

func (p *problem) Error() string { return p.Detail }

// problemf returns the problem of a request.
func problemf(status int, format string, a ...any) *problem {
	return &problem{Status: status, Title: http.StatusText(status), Detail: fmt.Sprintf(format, a...)}
}

// These are causes of a context's end.
var (
	errSlow     = errors.New("the time of a request is over")
	errStopping = errors.New("the service stops")
	errGone     = errors.New("the client is gone")
)

// gone is the status of a request that went away, as nginx has it. Nobody receives it; the log and the metrics show it.
const gone = 499

// problemOf says an error as a problem: whose fault it is, and nothing of the machine where it is the service's.
func (s *server) problemOf(err error) *problem {
	var (
		known    *problem
		large    *http.MaxBytesError
		setting  *spdiff.SettingError
		image    *spdiff.ImageError
		memory   *spdiff.MemoryError
		infinite *sde.NotFiniteError
	)
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &large):
		return problemf(http.StatusRequestEntityTooLarge, "the request has more than %d bytes", large.Limit)
	case errors.As(err, &setting):
		return problemf(http.StatusBadRequest, "%v", setting)
	case errors.As(err, &image):
		return problemf(http.StatusUnprocessableEntity, "%v", image)
	case errors.Is(err, errSlow):
		return s.later(http.StatusServiceUnavailable, "it takes more than %v; ask for fewer steps, fewer samples or a smaller image", s.limits.time)
	case errors.Is(err, errStopping):
		return s.later(http.StatusServiceUnavailable, "the service stops; ask again when it is back")
	case errors.Is(err, context.Canceled):
		return problemf(gone, "the client is gone")
	case errors.As(err, &memory):
		p := problemf(http.StatusServiceUnavailable, "there is not enough memory for it here: a smaller image may fit, or the service needs a smaller -batch")
		p.cause = err
		return p
	case errors.As(err, &infinite):
		p := problemf(http.StatusInternalServerError, "the network's numbers are not finite for this; other settings may do")
		p.cause = err
		return p
	}
	p := problemf(http.StatusInternalServerError, "the service failed; its log says why")
	p.cause = err
	return p
}

// later is a problem that may be gone when the queue is shorter.
func (s *server) later(status int, format string, a ...any) *problem {
	p := problemf(status, format, a...)
	p.after = s.queue.retryAfter()
	return p
}

// fail writes a problem, and logs it where it is the service's.
func (s *server) fail(w http.ResponseWriter, p *problem) {
	s.blame(p)
	if p.after > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(p.after))
		w.Header().Set("Connection", "close") // others wait for one
	}
	text, err := json.Marshal(p)
	if err != nil {
		panic(err) // of two texts and a number
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	w.Write(text)
}

func (s *server) blame(p *problem) {
	if p.cause != nil {
		s.log.Error("failed", "error", p.cause)
	}
}
