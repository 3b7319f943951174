package main

import (
	"context"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"spdiff"
)

// A server answers requests.
type server struct {
	models   []*served
	limits   limits
	token    string   // "" if none is asked for
	loopback bool     // it listens to this machine alone
	hosts    []string // by which proxies in front are called, with a port or without, in small letters
	log      *slog.Logger
	queue    *queue
	metrics  *metrics
	stopping atomic.Bool
	stepped  func(ctx context.Context) // for tests: after each step of each request; nil: nothing
}

func newServer(models []*served, l limits, log *slog.Logger) *server {
	q := newQueue(l)
	return &server{models: models, limits: l, log: log, queue: q, metrics: newMetrics(q)}
}

// A route is what can be asked.
type route struct {
	pattern string
	do      http.HandlerFunc
}

// routes are all that there are; openapi.yaml describes them.
func (s *server) routes() []route {
	return append(pages(),
		route{"GET /healthz", s.health},
		route{"GET /metrics", s.metrics.handler().ServeHTTP},
		route{"GET /v1/models", s.cards},
		route{"GET /v1/models/{model}", s.oneCard},
		route{"POST /v1/models/{model}/denoise", s.doing(s.editing((*edit).denoise))},
		route{"POST /v1/models/{model}/orientations", s.doing(s.editing((*edit).compare))},
		route{"POST /v1/models/{model}/samples", s.doing(s.readSamples)},
	)
}

// handler returns all of it.
func (s *server) handler() http.Handler {
	mux := http.NewServeMux()
	for _, r := range s.routes() {
		mux.HandleFunc(r.pattern, r.do)
	}
	return s.guarded(mux)
}

// health says whether requests are taken.
func (s *server) health(w http.ResponseWriter, _ *http.Request) {
	if s.stopping.Load() {
		s.fail(w, s.problemOf(errStopping))
		return
	}
	writeJSON(w, map[string]string{"status": "ok"})
}

// model returns the one that the path names: one of those that the service was started with.
func (s *server) model(r *http.Request) (*served, error) {
	m := find(s.models, r.PathValue("model"))
	if m == nil {
		return nil, problemf(http.StatusNotFound, "there is no model %.64q; GET /v1/models lists those that there are", r.PathValue("model"))
	}
	return m, nil
}

// step is what happens after each step of a request.
func (s *server) step(ctx context.Context) {
	s.metrics.steps.Inc()
	if s.stepped != nil {
		s.stepped(ctx)
	}
}

// A task is what a request asks for, read and checked.
type task func(ctx context.Context, to report) (*answer, error)

// doing returns the handler of tasks that read makes of requests: a place in the queue, then the request's bytes, then its turn,
// then the work, and then, when others have their turn, the answer. A client that is slow therefore takes a place and no turn. The time is
// that of reading too, for an image is looked at before its turn.
func (s *server) doing(read func(r *http.Request) (task, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !s.queue.enter() {
			s.fail(w, s.later(http.StatusTooManyRequests, "all %d places are taken, by requests that arrive, wait, are worked on or are answered; try again later",
				cap(s.queue.places)))
			return
		}
		defer s.queue.leave()
		ctx, end := context.WithTimeoutCause(spdiff.WithLogger(r.Context(), s.log), s.limits.time, errSlow)
		defer end()
		r.Body = http.MaxBytesReader(w, r.Body, s.limits.bytes)
		do, err := read(r.WithContext(ctx))
		if err == nil { // else what is left of the body is read until the deadline, before the answer is written
			http.NewResponseController(w).SetReadDeadline(time.Time{}) // it would end the request's context
		}
		switch {
		case err != nil:
			s.fail(w, s.problemOf(err))
		case wantsEvents(r):
			s.tell(ctx, w, do)
		default:
			s.answer(ctx, w, do)
		}
	}
}

// answer does a task and writes the result.
func (s *server) answer(ctx context.Context, w http.ResponseWriter, do task) {
	z, err := s.work(ctx, nowhere{}, do)
	if err != nil {
		s.fail(w, s.problemOf(err))
		return
	}
	if err := z.write(w); err != nil {
		s.log.Debug("the answer was not taken") // the error has the client's address
	}
}

// tell does a task and writes what there is on the way. The last event is named done, or problem.
func (s *server) tell(ctx context.Context, w http.ResponseWriter, do task) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	to := newStream(w, s.limits, cancel)
	defer to.close()
	to.send(event{"queued", map[string]int{"before": s.queue.waiting()}})
	z, err := s.work(ctx, to, do)
	if err != nil {
		p := s.problemOf(err)
		s.blame(p)
		to.send(event{"problem", p})
		return
	}
	to.send(event{"done", z.told()})
}

// work does a task when its turn comes.
func (s *server) work(ctx context.Context, to report, do task) (z *answer, err error) {
	err = s.queue.work(ctx, func() error {
		z, err = do(ctx, to)
		return err
	})
	return z, err
}
