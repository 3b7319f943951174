package metrics

// students95 are the 97.5 % quantiles of Student's t of 1, 2, … degrees of freedom.
var students95 = []float64{12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622}

// student95 returns how many standard errors, of so many degrees of freedom, the middle 95 % of Student's t reach to either side, to
// 0.0003: beyond the table the first terms of its series about the normal law's 1.96 (Fisher and Cornish 1960).
func student95(freedom int) float64 {
	if freedom <= len(students95) {
		return students95[freedom-1]
	}
	const z, g1, g2, g3 = 1.959963984540054, 2.372271, 2.822499, 2.555850
	n := float64(freedom)
	return z + float64(g1/n) + float64(g2/float64(n*n)) + float64(g3/float64(n*float64(n*n)))
}
