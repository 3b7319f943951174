//go:build !purego

package asm

// Assembly stops before a vector with an argument above trigLimit and returns how far it came. Go does the next 16.

func sin(z, x []float32) {
	for len(z) > 0 {
		n, done := min(len(z), callLen), 0
		switch {
		case useAVX512:
			done = sinAVX512(z[:n], x[:n])
		case useAVX2:
			done = sinAVX2(z[:n], x[:n])
		}
		if done < n {
			n = min(n, done+16)
			sinGeneric(z[done:n], x[done:n])
		}
		z, x = z[n:], x[n:]
	}
}

func cos(z, x []float32) {
	for len(z) > 0 {
		n, done := min(len(z), callLen), 0
		switch {
		case useAVX512:
			done = cosAVX512(z[:n], x[:n])
		case useAVX2:
			done = cosAVX2(z[:n], x[:n])
		}
		if done < n {
			n = min(n, done+16)
			cosGeneric(z[done:n], x[done:n])
		}
		z, x = z[n:], x[n:]
	}
}
