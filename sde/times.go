package sde

// Uniform returns n+1 times from … to at equal distances, the ends exact: the grid of n steps. It panics with an
// [*ArgumentError] if n < 1.
func Uniform(from, to float64, n int) []float64 {
	if n < 1 {
		panic(&ArgumentError{"Uniform", "a grid has at least one step", n})
	}
	times := make([]float64, n+1)
	for i := range times {
		times[i] = from + float64(i)*(to-from)/float64(n)
	}
	times[n] = to
	return times
}
