package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"spdiff/asm"
	"spdiff/cmd/internal/checksum"
	"spdiff/cmd/internal/cli"
	"spdiff/cmd/internal/lock"
	"spdiff/cmd/internal/packed"
	"spdiff/tensor"
	"spdiff/tensor/atomicfile"
)

// all denoises all files of a folder or an archive, or all pages of one file, into a folder. A file that cannot be denoised is
// told, and the others are done.
func (w *work) all(ctx context.Context) error {
	o := w.options
	tasks, skipped, err := list(ctx, o.in, o.out)
	switch {
	case ctx.Err() != nil:
		return stopped(ctx)
	case err != nil:
		return fmt.Errorf("-in %s: %w", packed.Printable(o.in), err)
	}
	if err := apart(ctx, tasks, o); err != nil {
		return packed.Clean(err)
	}
	if err := cli.WritableFolder(o.out); err != nil {
		return fmt.Errorf("-out %w", packed.Clean(err))
	}
	l, err := lock.Take(o.out) // of two that write one record, each would make what the other has made
	if err != nil {
		return fmt.Errorf("-out: %w", err)
	}
	defer l.Release()
	c := w.model.Config()
	record, err := openRecord(filepath.Join(o.out, recordName), o.settings(w.hash, o.precision.Or(c.Precision)))
	if err != nil {
		return err
	}
	defer record.close()
	fmt.Printf("denoise: %d images of %s (%d other files left out) with %s (%s over %v), %s, start %s, %d steps, seed %d, %d threads, %s, into %s\n",
		len(tasks), o.in, skipped, o.model, c.Method, c.Group, o.how(), o.start, o.steps, o.seed, tensor.Workers(), asm.ISA(), o.out)
	b := &batch{work: w, record: record, of: len(tasks), failures: make([]error, len(tasks))}
	b.run(ctx, tasks)
	return b.end(ctx, tasks)
}

// apart returns an error if a file that is read would be written over: one result is another's or an input's file.
func apart(ctx context.Context, tasks []task, o *options) error {
	written := map[string]string{}
	read := filesAt(o.in, o.model)
	for _, t := range tasks {
		if ctx.Err() != nil {
			return stopped(ctx)
		}
		if t.path != "" && t.page <= 0 {
			read.add(t.path)
		}
	}
	for _, t := range tasks {
		if ctx.Err() != nil {
			return stopped(ctx)
		}
		key := strings.ToLower(t.out) // some file systems know no case
		if other, ok := written[key]; ok {
			return fmt.Errorf("%s and %s would both become %s; rename one", other, t.name, t.out)
		}
		written[key] = t.name
		if err := read.free(filepath.Join(o.out, t.out)); err != nil {
			return fmt.Errorf("-out: %w", err)
		}
	}
	return nil
}

// A batch is a run over many files.
type batch struct {
	*work
	record   *record
	of       int
	failures []error

	mutex          sync.Mutex
	at, done, kept int
}

// ahead is how many files are under way at once: while one is read, written and hashed the other is denoised, and small images,
// which do not fill the threads, are denoised side by side.
const ahead = 2

// run does all tasks, until the context ends. What a file becomes does not depend on the others.
func (b *batch) run(ctx context.Context, tasks []task) {
	var wait sync.WaitGroup
	next := make(chan int)
	for range min(ahead, len(tasks)) {
		wait.Go(func() {
			for i := range next {
				b.failures[i] = b.guarded(ctx, tasks[i])
			}
		})
	}
	for i := range tasks {
		if ctx.Err() != nil {
			break
		}
		next <- i
	}
	close(next)
	wait.Wait()
}

// guarded does a task; a panic of it is its error.
func (b *batch) guarded(ctx context.Context, t task) (err error) {
	var said bytes.Buffer
	from := time.Now()
	kept := false
	func() {
		defer func() {
			if v := recover(); v != nil {
				err = fmt.Errorf("a mistake of this program: %v", v)
			}
		}()
		kept, err = b.task(ctx, t, &said)
	}()
	err = packed.Clean(err) // names of files, and what they say of themselves, are as they are
	if err != nil && ctx.Err() != nil {
		return err
	}
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.at++
	switch {
	case err != nil:
		fmt.Printf("%4d/%d  %s: FAILED: %s\n", b.at, b.of, packed.Printable(t.name), cli.Brief(err.Error()))
	case kept:
		b.kept++
	default:
		b.done++
		fmt.Printf("%4d/%d  %s, %.1f s\n%s", b.at, b.of, packed.Printable(t.name), time.Since(from).Seconds(), said.String())
	}
	return err
}

// task does one file, or finds that it is done.
func (b *batch) task(ctx context.Context, t task, said io.Writer) (kept bool, err error) {
	file, err := t.open()
	if err != nil {
		return false, err
	}
	defer file.Close()
	hash := file.hash
	if t.sum != nil {
		hash = t.sum
	}
	sum, err := hash()
	if err != nil {
		return false, err
	}
	path := filepath.Join(b.options.out, filepath.FromSlash(t.out))
	if b.record.has(t.out, sum, path) {
		return true, nil
	}
	in, err := open(ctx, file, file.size, t.page, b.options)
	if err != nil {
		return false, err
	}
	if err := in.takes(format(path)); err != nil {
		return false, err
	}
	w := &work{model: b.model, options: b.options, hash: b.hash, out: indented{said}}
	if _, err := w.file(ctx, in); err != nil {
		return false, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return false, err
	}
	if err := w.write(path, in); err != nil {
		return false, err
	}
	for _, n := range in.notes() {
		fmt.Fprintf(w.out, "%s\n", n)
	}
	return false, b.record.add(t.out, sum, path)
}

// indented writes lines that belong to the one above.
type indented struct{ io.Writer }

func (i indented) Write(p []byte) (int, error) {
	if _, err := i.Writer.Write(append([]byte("         "), p...)); err != nil {
		return 0, err
	}
	return len(p), nil
}

// stopped is the error of a run that was.
func stopped(ctx context.Context) error {
	return fmt.Errorf("%w; the same command goes on from here", ctx.Err())
}

// end says what came of it and lists the files that failed, which are then an error.
func (b *batch) end(ctx context.Context, tasks []task) error {
	fmt.Printf("made:    %d in %s, %d were there, %.1f s\n", b.done, b.options.out, b.kept, time.Since(b.from).Seconds())
	if ctx.Err() != nil {
		return stopped(ctx)
	}
	failed := 0
	for i, err := range b.failures {
		if err != nil {
			failed++
			fmt.Printf("failed:  %s: %s\n", packed.Printable(tasks[i].name), cli.Brief(err.Error()))
		}
	}
	if failed == 0 {
		return nil
	}
	return fmt.Errorf("%d of %d failed, all others are done", failed, len(tasks))
}

// An opened file is what a task reads.
type opened struct {
	io.ReaderAt
	io.Closer
	size int64
}

// hash returns its SHA-256.
func (o *opened) hash() (string, error) { return checksum.Sum(io.NewSectionReader(o, 0, o.size)) }

// fileAt opens the file at a path.
func fileAt(path string) (*opened, error) {
	f, size, err := atomicfile.Open(path)
	if err != nil {
		return nil, err
	}
	return &opened{f, f, size}, nil
}

var errNone = errors.New("there are no images in it")

// byName orders tasks.
func byName(a, b task) int { return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.page, b.page)) }
