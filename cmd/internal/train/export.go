package train

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"spdiff"
)

// export writes the models of a run's newest state that is whole, or of one state, one for each running mean. It reads alone, so that
// the run may be under way.
func export(ctx context.Context, from, to string) error {
	paths := []string{from}
	if info, err := os.Stat(from); err != nil {
		return fmt.Errorf("-resume %w", err)
	} else if info.IsDir() {
		if paths, err = spdiff.Checkpoints(from); err != nil {
			return err
		}
	}
	var all []error
	for _, path := range paths {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := exportState(path, to)
		if err == nil {
			return nil
		}
		all = append(all, err)
		fmt.Printf("damaged: %v\n", err)
	}
	if len(all) == 0 {
		return fmt.Errorf("-resume %s: there is no state in this folder; is it a run's?", from)
	}
	return fmt.Errorf("-resume %s: no state there gives a model: %w", from, errors.Join(all...))
}

func exportState(path, to string) error {
	if kind, err := spdiff.Kind(path); err == nil && kind == spdiff.KindGANState {
		return exportGAN(path, to)
	}
	m, err := spdiff.LoadState(path, 0)
	if err != nil {
		return err
	}
	means := len(m.Config().Optimiser.Averages)
	for k := range means {
		if k > 0 {
			if m, err = spdiff.LoadState(path, k); err != nil {
				return err
			}
		}
		out := numbered(to, k)
		if err := m.Save(out); err != nil {
			return advise(err)
		}
		fmt.Printf("made:  %s, running mean %d of %d of %s\n", out, k+1, means, path)
	}
	return nil
}

func exportGAN(path, to string) error {
	m, err := spdiff.LoadGANState(path)
	if err != nil {
		return err
	}
	if err := m.Save(to); err != nil {
		return advise(err)
	}
	fmt.Printf("made:  %s, the generator of %s\n", to, path)
	return nil
}

// numbered returns the name of the file of running mean k = 0, 1, … : NAME.safetensors, NAME-2.safetensors, ….
func numbered(path string, k int) string {
	if k == 0 {
		return path
	}
	const ext = ".safetensors"
	return fmt.Sprintf("%s-%d%s", strings.TrimSuffix(path, ext), k+1, ext)
}
