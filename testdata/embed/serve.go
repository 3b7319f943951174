package embed

import (
	"errors"
	"fmt"
	"image/png"
	"net/http"
	"strconv"

	"spdiff"
)

// A Server answers /?seed=S with the image of that seed. All requests share one model; a client that goes away ends its sampling.
type Server struct{ model *spdiff.Model }

// NewServer loads the model from a file.
func NewServer(path string) (*Server, error) {
	model, err := spdiff.Load(path)
	if err != nil {
		return nil, err
	}
	return &Server{model}, nil
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
	x, err := s.model.Sample(r.Context(), spdiff.Sampling{Reversal: spdiff.Reversal{Seed: seed, Steps: steps}})
	var memory *spdiff.MemoryError
	switch {
	case errors.As(err, &memory):
		http.Error(w, err.Error(), http.StatusInsufficientStorage)
	case err != nil:
		http.Error(w, fmt.Sprint("no image: ", err), http.StatusServiceUnavailable)
	default:
		png.Encode(w, spdiff.ToImage(x, 0))
	}
}
