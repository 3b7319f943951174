package sde

import "spdiff/tensor/elementary"

// The elementary functions of the coefficients, which have the same bits everywhere; math's own do not.

func exp(x float64) float64               { return elementary.Exp(x) }
func expm1(x float64) float64             { return elementary.Expm1(x) }
func log(x float64) float64               { return elementary.Log(x) }
func pow(x, y float64) float64            { return elementary.Pow(x, y) }
func sincos(v float64) (sin, cos float64) { return elementary.Sincos(v) }
