package cells

import "spdiff/tensor/elementary"

// What the stains swallow of red, green and blue light at density 1: DAB as Ruifrok and Johnston have it (Quantification of
// histochemical staining by color deconvolution, 2001), and a haematoxylin that is less violet than theirs, as scanners show it.
var (
	haematoxylin = [3]float64{0.69, 0.64, 0.33}
	dab          = [3]float64{0.268, 0.570, 0.776}
)

// colour sets dst to the light that comes through: 1 where nothing is, towards −1 where all is swallowed.
func (p *picture) colour(dst []float32) {
	for i := range p.blue {
		for c := range 3 {
			density := float64(p.blue[i]*haematoxylin[c]) + float64(p.brown[i]*dab[c])
			dst[3*i+c] = float32(float64(2*elementary.Exp(-density)) - 1)
		}
	}
}
