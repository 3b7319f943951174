package evaluation

import (
	"context"
	"fmt"
	"strings"

	"spdiff"
	"spdiff/cmd/internal/dataset"
	"spdiff/tensor/metrics"
	"spdiff/tensor/npy"
)

// A Reference is what samples are compared with: images, or statistics alone.
type Reference struct {
	Source     spdiff.Source
	Statistics *metrics.Statistics
	What       string
}

// OpenReference opens what an argument names: images in any form of -data, or an archive of pytorch-fid with mu and sigma. The context
// is that of all reading, then and later.
func OpenReference(ctx context.Context, arg string) (r Reference, err error) {
	if isStatistics(arg) {
		r.Statistics, err = metrics.LoadStatistics(arg)
		r.What = "statistics, " + arg
		return r, err
	}
	r.Source, err = OpenImages(ctx, "-reference", arg)
	if err == nil {
		r.What = dataset.Describe(r.Source)
	}
	return r, err
}

// isStatistics reports whether a path is an archive of a mean and a covariance.
func isStatistics(path string) bool {
	f, err := npy.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	return f.Array("mu") != nil && f.Array("sigma") != nil
}

// OpenImages opens images of one kind; the flag is for errors. The context is that of all reading, then and later.
func OpenImages(ctx context.Context, flag, arg string) (spdiff.Source, error) {
	s, err := dataset.OpenFlag(ctx, flag, arg)
	if err != nil && !strings.HasPrefix(err.Error(), flag) {
		err = fmt.Errorf("%s: %w", flag, err)
	}
	if err != nil {
		return nil, err
	}
	if m, ok := s.(interface{ Mixed() error }); ok {
		if err := m.Mixed(); err != nil {
			return nil, fmt.Errorf("%s: %w", flag, err)
		}
	}
	return s, nil
}
