//go:build !purego

package asm

func adam(p, m, v, g []float32, s *AdamStep) {
	for n := quads(len(p)); n > 0; n = quads(len(p)) {
		adamNEON(&p[0], &m[0], &v[0], &g[0], n, s)
		p, m, v, g = p[n:], m[n:], v[n:], g[n:]
	}
	adamGeneric(p, m, v, g, s)
}

//go:noescape
func adamNEON(p, m, v, dp *float32, n int, s *AdamStep)
