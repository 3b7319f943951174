package embed

import (
	"context"
	"errors"
	"fmt"
	"image/png"
	"net/http"
	"strconv"
	"time"

	"spdiff"
)

// mostSteps bounds what a request may ask for.
const mostSteps = 250

// errSlow is the cause of a request's end whose time is over.
var errSlow = errors.New("the time of a request is over")

// A Server answers /?seed=S with the image of that seed. All requests share one model; a client that goes away ends its sampling.
type Server struct {
	model *spdiff.Model
	time  time.Duration // of a request
}

// NewServer loads the model from a file.
func NewServer(path string) (*Server, error) {
	model, err := spdiff.Load(path)
	if err != nil {
		return nil, err
	}
	return &Server{model, time.Minute}, nil
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	seed, err := strconv.ParseUint(r.FormValue("seed"), 10, 64)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	steps, err := strconv.Atoi(r.FormValue("steps"))
	if err != nil {
		steps = 10
	}
	ctx, cancel := context.WithTimeoutCause(r.Context(), s.time, errSlow)
	defer cancel()
	x, err := s.model.Sample(ctx, spdiff.Sampling{Reversal: spdiff.Reversal{Seed: seed, Steps: min(steps, mostSteps)}})
	if err != nil {
		http.Error(w, fmt.Sprint("no image: ", err), status(err))
		return
	}
	png.Encode(w, spdiff.ToImage(x, 0))
}

// status says whose fault an error is, as docs/service.md has it.
func status(err error) int {
	var setting *spdiff.SettingError
	var memory *spdiff.MemoryError
	switch {
	case errors.As(err, &setting):
		return http.StatusBadRequest
	case errors.As(err, &memory), errors.Is(err, errSlow), errors.Is(err, context.Canceled):
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}
