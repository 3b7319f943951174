package dataset

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"sync/atomic"

	"spdiff"
	"spdiff/cmd/internal/imagefolder"
	"spdiff/cmd/internal/packed"
	"spdiff/tensor"
)

// files are sources of files that can be read one by one, however many images are made of them.
type files interface {
	Files() int
	CheckFile(ctx context.Context, i int) error
}

// Generated reports whether images are drawn from a seed, so that none can be damaged.
func Generated(source spdiff.Source) bool {
	s, ok := source.(*Set)
	return ok && takesNoPath(s.kind)
}

// Pieces returns how many pieces Check reads of a source: its files, or its images.
func Pieces(source spdiff.Source) int {
	if f, ok := inner(source).(files); ok {
		return f.Files()
	}
	return source.Len()
}

// Check reads everything there is, by all workers: each picture of a folder, each image of other sets, whose numbers must be
// from −1 to 1. It returns what is wrong, in order, at most maxWrong of it; of files a *FileError each. Progress, which may be
// nil, is told how many of how many are read, from one goroutine at a time. The error is the context's, if it is done first.
func Check(ctx context.Context, source spdiff.Source, progress func(done, of int)) (wrong []error, err error) {
	n, check := Pieces(source), numbers(source)
	if f, ok := inner(source).(files); ok {
		check = func(i, _ int) error { return f.CheckFile(ctx, i) }
	}
	found := map[int]error{}
	var mutex sync.Mutex
	var done atomic.Int64
	tensor.Run(tensor.Task{N: n, Do: func(i, worker int) {
		if ctx.Err() != nil {
			return
		}
		err := check(i, worker)
		mutex.Lock()
		defer mutex.Unlock()
		if err != nil {
			found[i] = err
		}
		if k := int(done.Add(1)); progress != nil {
			progress(k, n)
		}
	}})
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	for i := range n {
		if e := found[i]; e != nil && len(wrong) < maxWrong {
			wrong = append(wrong, e)
		}
	}
	return wrong, nil
}

const maxWrong = 1000

// numbers returns a check of image i.
func numbers(source spdiff.Source) func(i, worker int) error {
	h, w, c := source.Shape()
	room := make([][]float32, tensor.MaxWorkers)
	return func(i, worker int) error {
		if room[worker] == nil {
			room[worker] = make([]float32, h*w*c)
		}
		x := room[worker]
		class, err := source.Image(x, i)
		if err != nil {
			return err
		}
		if k := slices.IndexFunc(x, func(v float32) bool { return !(math.Abs(float64(v)) <= 1) }); k >= 0 {
			return fmt.Errorf("number %d of image %d is %v, not from -1 to 1", k, i, x[k])
		}
		if class < 0 {
			return fmt.Errorf("image %d is of class %d", i, class)
		}
		return nil
	}
}

// Wrong returns what is wrong with each file that ended Open by this error, at most maxWrong of it; nil where it was no file.
func Wrong(err error) (wrong []error) {
	var all imagefolder.FilesError
	var one *FileError
	if errors.As(err, &all) {
		for _, e := range all[:min(len(all), maxWrong)] {
			wrong = append(wrong, packed.Clean(e))
		}
	} else if errors.As(err, &one) {
		wrong = []error{packed.Clean(one)}
	}
	return wrong
}

// Summary says how many errors Check found, and how to go on without the files that are broken; nil if nothing is wrong.
func Summary(arg string, wrong []error) error {
	if len(wrong) == 0 {
		return nil
	}
	text := fmt.Sprintf("%d are damaged", len(wrong))
	if len(wrong) == 1 {
		text = "one is damaged"
	}
	if len(wrong) == maxWrong {
		text = fmt.Sprintf("%d and perhaps more are damaged", maxWrong)
	}
	var names []string
	for _, e := range wrong {
		var f *FileError
		if errors.As(e, &f) {
			names = append(names, f.Name)
		}
	}
	if len(names) == len(wrong) && len(names) <= mostLeftOut {
		text += way("-data", Without(arg, names...), "leaves them out")
	}
	return errors.New(text)
}
