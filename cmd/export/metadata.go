package main

import (
	"encoding/json"
	"math"
	"strconv"

	"spdiff"
	"spdiff/cmd/internal/onnx"
	"spdiff/sde"
)

// A sampler is all that a program needs to sample: numbers for each evaluation, at times that descend. With F what the network
// predicts from in·x and timestep, the denoiser is D = skip·x + out·F, limited to [−1, 1], and the state is αx₀ + σε.
type sampler struct {
	Steps    int       `json:"steps"`
	Timestep []float32 `json:"timestep"`
	In       []float64 `json:"in"`
	Skip     []float64 `json:"skip"`
	Out      []float64 `json:"out"`
	Alpha    []float64 `json:"alpha"` // one more: the last are those of the end
	Sigma    []float64 `json:"sigma"`
}

// newSampler returns the coefficients of so many steps of DDIM, on the times that sample takes.
func newSampler(m *spdiff.Model, steps int) sampler {
	p := m.Config().Process()
	s := sampler{Steps: steps}
	for i, t := range sde.Grid(p, sde.DDIM{}, steps) {
		alpha, sigma := p.Marginal(t)
		s.Alpha, s.Sigma = append(s.Alpha, alpha), append(s.Sigma, sigma)
		if i == steps {
			break
		}
		c, time := m.Coefficients(t)
		s.Timestep = append(s.Timestep, time)
		s.In, s.Skip, s.Out = append(s.In, finite(c.In)), append(s.Skip, finite(c.Skip)), append(s.Out, finite(c.Out))
	}
	return s
}

// finite returns the nearest number that JSON and float32 have: a coefficient may be infinite where there is nothing left of an image.
func finite(v float64) float64 { return math.Max(-math.MaxFloat32, math.Min(math.MaxFloat32, v)) }

// predictionTypes are what diffusers calls predictions, where it has a name for them.
var predictionTypes = map[spdiff.Prediction]string{
	spdiff.Image: "sample", spdiff.Noise: "epsilon", spdiff.Velocity: "v_prediction", spdiff.Preconditioned: "edm",
}

// metadata returns that of a model's file.
func metadata(m *spdiff.Model, steps int) []onnx.Property {
	c := m.Config()
	return []onnx.Property{
		{Key: "prediction_type", Value: predictionTypes[c.Predict]},
		{Key: "schedule", Value: c.Schedule.String()},
		{Key: "method", Value: c.Method.String()},
		{Key: "group", Value: c.Group.String()},
		{Key: "num_class_embeds", Value: strconv.Itoa(c.Network.ClassRows())},
		{Key: "timestep", Value: timesteps[c.Predict == spdiff.Preconditioned]},
		{Key: "sampler", Value: compact(newSampler(m, steps))},
		{Key: "config", Value: compact(json.RawMessage(c.JSON()))},
	}
}

// timesteps says what the input timestep is, by whether the network is preconditioned.
var timesteps = map[bool]string{false: "1000*t", true: "250*ln(sigma/alpha)"}

// compact returns JSON in one line.
func compact(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // all numbers are finite
	}
	return string(text)
}

// object returns the metadata as one JSON object, for programs whose runtime does not show a file's: what is JSON stands as such.
func object(metadata []onnx.Property) []byte {
	all := map[string]json.RawMessage{}
	for _, p := range metadata {
		all[p.Key] = json.RawMessage(p.Value)
		if p.Value[0] != '{' {
			all[p.Key] = json.RawMessage(compact(p.Value))
		}
	}
	return []byte(compact(all) + "\n")
}
