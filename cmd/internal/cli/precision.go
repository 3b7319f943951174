package cli

import (
	"flag"

	"spdiff"
)

// Precision defines -precision of a command that evaluates models.
func Precision(f *flag.FlagSet, to *spdiff.Precision) {
	f.TextVar(to, "precision", spdiff.DefaultPrecision, "number type of the network's products, `WHICH`: float32 or bf16; default: the one that the model was trained in")
}
