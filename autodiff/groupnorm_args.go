package autodiff

// The arguments of the operations of a group normalisation have names: as nodes where a graph is built, as memory where it is
// bound. What stands where in an operation's list of arguments is said here alone.

// A modulation is what follows the normalisation. scale and shift are not set if there is no FiLM.
type modulation[T any] struct{ gamma, beta, scale, shift T }

// A normed is x and what it is modulated by.
type normed[T any] struct {
	x T
	modulation[T]
}

// list returns the arguments in order.
func (m modulation[T]) list(film bool) []T {
	if film {
		return []T{m.gamma, m.beta, m.scale, m.shift}
	}
	return []T{m.gamma, m.beta}
}

// list returns the arguments in order.
func (n normed[T]) list(film bool) []T { return append([]T{n.x}, n.modulation.list(film)...) }

// modulationOf reads a modulation off the front of a list, and returns what follows.
func modulationOf[T any](film bool, all []T) (m modulation[T], rest []T) {
	m.gamma, m.beta, rest = all[0], all[1], all[2:]
	if film {
		m.scale, m.shift, rest = rest[0], rest[1], rest[2:]
	}
	return m, rest
}

// normedOf reads x and its modulation off the front of a list, and returns what follows.
func normedOf[T any](film bool, all []T) (n normed[T], rest []T) {
	n.x = all[0]
	n.modulation, rest = modulationOf(film, all[1:])
	return n, rest
}
