package main

import (
	"net/http"

	"spdiff"
	"spdiff/cmd/internal/solvers"
	"spdiff/sde"
)

// A card says what a model is and what can be asked of it.
type card struct {
	Name        string       `json:"name"`
	Method      string       `json:"method"`
	Words       string       `json:"words"` // the method in words
	Exact       bool         `json:"exact"`
	Group       string       `json:"group"`
	Elements    []string     `json:"elements"`
	Counterpart string       `json:"counterpart,omitempty"`
	Height      int          `json:"height"`
	Width       int          `json:"width"`
	Channels    int          `json:"channels"`
	Classes     int          `json:"classes"`
	ClassNames  []string     `json:"class_names,omitempty"`
	Guidance    bool         `json:"guidance"` // images can be moved towards their class
	Parameters  int          `json:"parameters"`
	Schedule    string       `json:"schedule"`
	Starts      starts       `json:"starts"`
	Predicts    string       `json:"predicts"`
	Trained     training     `json:"trained"`
	Solvers     []solverCard `json:"solvers"`
	Limits      limitsCard   `json:"limits"`
}

type training struct {
	Steps int     `json:"steps"` // those that were asked for: a training may have been ended sooner
	Batch int     `json:"batch"`
	Rate  float64 `json:"rate"`
	Seed  string  `json:"seed"` // a text: numbers of JSON are not exact beyond 2⁵³
}

// starts are times up to which noise may be added: where it is a third of the image, as strong, and three times as strong.
type starts struct {
	Little float64 `json:"little"`
	Some   float64 `json:"some"`
	Much   float64 `json:"much"`
}

func startsOf(p sde.Process) starts {
	return starts{sde.TimeOf(p, 1./3), sde.TimeOf(p, 1), sde.TimeOf(p, 3)}
}

type solverCard struct {
	Name string `json:"name"`
	Use  string `json:"use"`
}

// A limitsCard says what a request may ask for.
type limitsCard struct {
	Bytes   int64   `json:"bytes"`
	Pixels  int     `json:"pixels"`
	Steps   int     `json:"steps"`
	Samples int     `json:"samples"`
	Seconds float64 `json:"seconds"`
}

// words say what models of a method are.
var words = map[spdiff.Method]string{
	spdiff.WT: "tied kernels", spdiff.GC: "regular features", spdiff.CF: "an ordinary network in a canonical frame",
	spdiff.OC: "an ordinary network averaged over the group", spdiff.RegOC: "a regularised network averaged over the group",
	spdiff.Plain: "an ordinary network", spdiff.Reg: "an ordinary network, drawn towards the symmetry in training",
}

func (s *server) card(m *served) card {
	c := m.Config()
	h, w, channels := m.Shape()
	z := card{
		Name: m.name, Method: c.Method.String(), Words: words[c.Method], Exact: c.Method.Exact(), Group: c.Group.Name(), Counterpart: m.counterpart,
		Height: h, Width: w, Channels: channels, Classes: m.Classes(), ClassNames: c.ClassNames, Guidance: c.Network.NoClass, Parameters: m.Parameters(),
		Schedule: c.Schedule.String(), Starts: startsOf(c.Process()), Predicts: c.Predict.String(), Trained: training{c.Steps, c.Batch, c.Rate.Rate, formatSeed(c.Seed)},
		Limits: limitsCard{s.limits.bytes, s.limits.pixels, s.limits.steps, s.limits.samples, s.limits.time.Seconds()},
	}
	for a := range c.Group.Order() {
		z.Elements = append(z.Elements, c.Group.ElementName(a))
	}
	for _, solver := range solvers.Both() {
		z.Solvers = append(z.Solvers, solverCard{solver.Name, solver.Use})
	}
	return z
}

// cards answers with those of all models.
func (s *server) cards(w http.ResponseWriter, _ *http.Request) {
	all := []card{}
	for _, m := range s.models {
		all = append(all, s.card(m))
	}
	writeJSON(w, map[string]any{"models": all})
}

// oneCard answers with that of the model in the path.
func (s *server) oneCard(w http.ResponseWriter, r *http.Request) {
	m, err := s.model(r)
	if err != nil {
		s.fail(w, s.problemOf(err))
		return
	}
	writeJSON(w, s.card(m))
}
