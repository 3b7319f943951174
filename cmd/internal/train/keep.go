package train

import (
	"fmt"
	"math"
	"path/filepath"
)

// mostKept bounds -keep: more would be every step for a long time.
const mostKept = 64

// isKept reports whether the model of a step is kept: whether the step is 2^(j/keep), rounded, for a whole number j. So a learning curve
// has keep points for each doubling of the steps, however long the run is.
func isKept(step, keep int) bool {
	if keep < 1 || step < 1 {
		return false
	}
	near := math.Round(float64(keep) * math.Log2(float64(step)))
	for _, j := range []float64{near - 1, near, near + 1} {
		if math.Round(math.Exp2(j/float64(keep))) == float64(step) {
			return true
		}
	}
	return false
}

// keepModel writes the model of this step into models/, if it is one to be kept.
func (r *trainRun) keepModel() error {
	n := r.trainer.Steps()
	if !isKept(n, r.spec.Keep) {
		return nil
	}
	if err := r.lock.Check(); err != nil {
		return err
	}
	return r.warning(r.trainer.model().Save(filepath.Join(r.path(modelsDir), fmt.Sprintf("step-%09d.safetensors", n))))
}
