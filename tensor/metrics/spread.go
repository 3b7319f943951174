package metrics

import (
	"math"
	"slices"
)

// meanDeviation returns the mean and the standard deviation with n−1, which is 0 of one value.
func meanDeviation(values []float64) (mean, deviation float64) {
	n := float64(len(values))
	for _, v := range values {
		mean += v
	}
	mean /= n
	squares := 0.0
	for _, v := range values {
		squares += float64((v - mean) * (v - mean))
	}
	return mean, math.Sqrt(squares / max(n-1, 1))
}

// Seeds are the values of one measure over runs that differ in their seeds.
type Seeds struct {
	Mean, Deviation float64 // with n−1
	Lowest          float64
	All             []float64 // in the order given
}

// OverSeeds returns the summary of values. None, or one that is not finite, is an error.
func OverSeeds(values []float64) (Seeds, error) {
	if err := finiteValues("summary over seeds", values, 1); err != nil {
		return Seeds{}, err
	}
	mean, deviation := meanDeviation(values)
	return Seeds{mean, deviation, slices.Min(values), slices.Clone(values)}, nil
}

// finiteValues checks values of a measure.
func finiteValues(op string, values []float64, least int) error {
	if len(values) < least {
		return misfit(op, "of %d values; %d at least are needed", len(values), least)
	}
	return finite(op, values, 1, math.Inf(1))
}

// Jackknife is an estimate with its standard error from leaving parts out.
type Jackknife struct {
	Whole     float64   // of all parts
	Corrected float64   // less the bias: k·Whole − (k−1)·mean of Without
	Error     float64   // √((k−1)/k·Σ(Without − their mean)²)
	Without   []float64 // of all parts but one
}

// Reach returns how far 95 % go from the estimate to either side, by Student's t of k − 1 degrees of freedom.
func (j Jackknife) Reach() float64 { return float64(student95(len(j.Without)-1) * j.Error) }

// JackknifeOf returns the estimate from the values of the whole and of all but part i, of k parts of equal size.
func JackknifeOf(whole float64, without []float64) (Jackknife, error) {
	if err := finiteValues("jackknife", append([]float64{whole}, without...), 3); err != nil {
		return Jackknife{}, err
	}
	k := float64(len(without))
	mean, deviation := meanDeviation(without)
	return Jackknife{
		Whole:     whole,
		Corrected: float64(k*whole) - float64((k-1)*mean),
		Error:     float64(deviation * ((k - 1) / math.Sqrt(k))),
		Without:   slices.Clone(without),
	}, nil
}

// JackknifeSets returns the jackknife of a measure of the statistics of disjoint sets together, which is whole of all of them; each set is
// left out in turn. Fewer than two are a *[ShapeError].
func JackknifeSets(whole float64, sets []*Moments, measure func(*Statistics) (float64, error)) (Jackknife, error) {
	if len(sets) < 2 {
		return Jackknife{}, misfit("jackknife", "of %d sets; 2 at least are needed", len(sets))
	}
	without := make([]float64, len(sets))
	for i := range sets {
		rest, err := PooledStatistics(slices.Concat(sets[:i], sets[i+1:])...)
		if err != nil {
			return Jackknife{}, err
		}
		if without[i], err = measure(rest); err != nil {
			return Jackknife{}, err
		}
	}
	return JackknifeOf(whole, without)
}
