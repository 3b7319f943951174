package nn

// MultiplyAdds returns the multiply-adds of convolutions, linear maps and attention in one forward pass of one image, as
// for a plain network: a tied kernel, which does fewer, counts as if it were not. Regular features count as a plain network
// of their width, but for FiLM, which planes share; their group convolutions do half of it. A training step takes three times
// as many. The configuration must be valid.
func (c UNetConfig) MultiplyAdds() int64 {
	emb, taps, planes := int64(4*c.Width), int64(c.Kernel*c.Kernel), int64(c.planes())
	n := int64(c.Width)*emb + emb*emb
	pixels := func(level int) int64 { return int64(c.ImageHeight>>level) * int64(c.ImageWidth>>level) }
	for b := range c.plan().all() {
		in, out, p := int64(b.in), int64(b.out), pixels(b.to)
		switch b.kind {
		case inputConv:
			n += p * taps * in * out
		case residual:
			n += p*taps*(in*out+out*out) + emb*2*out/planes
			if in != out {
				n += p * in * out
			}
		case attention:
			n += p*(3*in*in+in*in) + 2*p*p*in
		}
	}
	return n + pixels(0)*taps*int64(c.Mult[0]*c.Width)*int64(c.Out)
}
