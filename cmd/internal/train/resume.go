package train

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"

	"spdiff"
	"spdiff/cmd/internal/cli"
	"spdiff/cmd/internal/dataset"
)

// load opens the images and reads the newest state that is whole. It writes nothing.
func (r *trainRun) load(ctx context.Context, o *options) (damaged []*spdiff.DamagedError, err error) {
	r.folder = o.resume
	if r.spec, err = readSpec(r.folder); err != nil {
		return nil, err
	}
	if err := r.movedTo(o); err != nil {
		return nil, err
	}
	if err := r.openImages(ctx); err != nil {
		return nil, r.withPlace(err)
	}
	if err := r.findFeatures(o); err != nil {
		return nil, err
	}
	if damaged, err = r.loadState(ctx, o); err != nil {
		return damaged, err
	}
	if r.steps > 0 && r.trainer.Steps() > r.steps {
		return damaged, cli.Usagef("-steps %d: the run has done %d steps already", r.steps, r.trainer.Steps())
	}
	if o.given["fall"] && o.fall > 0 && !r.trainer.falls() {
		return damaged, cli.Usagef("-fall: the learning rate of this run decays all along, or it is a GAN's, which does not fall; leave it out")
	}
	return damaged, nil
}

// withPlace adds to an error of the images, where nothing is at their place, or an empty folder, how to say where they are.
func (r *trainRun) withPlace(err error) error {
	path := dataset.Path(r.spec.Data)
	_, gone := os.Stat(path)
	entries, list := os.ReadDir(path)
	if path == "" || !errors.Is(gone, os.ErrNotExist) && (list != nil || len(entries) > 0) {
		return err
	}
	return fmt.Errorf("if the images have moved, say where they are: -resume %s -data PATH; %w", cli.Quoted(r.folder), err)
}

// movedTo changes what run.json says by the flags of this call.
func (r *trainRun) movedTo(o *options) (err error) {
	was := r.spec
	if o.given["keep"] {
		r.spec.Keep = o.keep
	}
	if o.given["limit"] {
		r.spec.Limit = o.limit
	}
	if o.given["data"] {
		r.spec.Data, err = dataset.Absolute(o.data)
	}
	r.respecified = r.spec != was
	return err
}

// loadState makes the trainer, and checks that the images are those that it has learned from, unless others are wanted.
func (r *trainRun) loadState(ctx context.Context, o *options) ([]*spdiff.DamagedError, error) {
	id, err := r.identify(ctx)
	if err != nil {
		return nil, r.withoutDamaged(err)
	}
	type loaded struct {
		trainer training
		damaged []*spdiff.DamagedError
		changes string
		fits    bool // the network takes such images
	}
	var other *spdiff.SourceError
	l, err := cli.Await(ctx, func() (l loaded, err error) {
		l.trainer, l.damaged, err = r.resumed(o.steps, o.newData)
		if errors.As(err, &other) {
			notes := r.lastNotes(o.steps)
			l.changes, l.fits = id.changes(notes), notes != nil
		}
		return l, err
	})
	switch {
	case errors.As(err, &other):
		return l.damaged, fmt.Errorf("%w%s\n%s", err, l.changes, whichData(r.folder, l.fits))
	case errors.Is(err, os.ErrNotExist) && len(l.damaged) == 0:
		return nil, fmt.Errorf("%w; the run never began: begin it anew with -out %s", err, cli.Quoted(r.folder))
	case err != nil:
		return l.damaged, err
	}
	return l.damaged, r.adopt(l.trainer, id, o.newData)
}

// lastNotes returns the notes of the newest state, of whatever images it is; nil if it does not fit them.
func (r *trainRun) lastNotes(steps int) map[string]string {
	t, _, err := r.resumed(steps, true)
	if err != nil {
		return nil
	}
	defer t.Wait()
	return t.notes()
}

// adopt makes a trainer the run's, if its notes say that it has learned from these images or others are wanted.
func (r *trainRun) adopt(t training, id identity, newData bool) error {
	notes := t.notes()
	was, changes := notes[dataNote], id.changes(notes)
	switch {
	case was == id.mark || was == "": // a run of before there were marks has none
	case !newData:
		t.Wait()
		return fmt.Errorf("-resume %s: the images of %s are not those that the run has learned from%s\n%s", r.folder, r.spec.Data, changes, whichData(r.folder, true))
	default:
		r.otherData = "other images" + changes
		notes[changedNote] = strings.TrimPrefix(notes[changedNote]+","+strconv.Itoa(t.Steps()), ",")
	}
	id.keep(notes)
	r.trainer = t
	return r.checkGuidance()
}

// whichData says what to do where the images are others, which the network takes, or not.
func whichData(folder string, fits bool) string {
	text := fmt.Sprintf("put them back, or name the same by -resume %s -data PATH", cli.Quoted(folder))
	if fits {
		text += ", or go on with others by -new-data, which ends the promise of the same bits"
	}
	return text
}

func (r *trainRun) open(ctx context.Context, o *options) (err error) {
	if err := checkOwn(o.resume); err != nil && !errors.Is(err, os.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR) {
		return err
	}
	if _, err := readSpec(o.resume); err != nil {
		return err // before a lock is left in a folder that is no run's
	}
	if r.lock, err = takeFolder(o.resume); err != nil {
		return err
	}
	damaged, err := r.load(ctx, o)
	if err != nil {
		return err
	}
	for _, d := range damaged {
		aside, err := setAside(d.Path)
		if err != nil {
			return advise(err)
		}
		fmt.Printf("damaged: %v\n", d)
		fmt.Printf("         it is %s now; going on from the state before it, of step %d: some steps are made again, to the same bits\n", aside, r.trainer.Steps())
	}
	if err := r.put(configFile, r.trainer.settings()); err != nil { // which may have a fall that came to nothing
		return err
	}
	if r.otherData != "" {
		if err := r.warning(r.trainer.Checkpoint(r.folder)); err != nil { // the state knows its images before run.json names them
			return advise(err)
		}
		fmt.Printf("data:  from step %d on %s\n       the bits are no longer those of one training\n", r.trainer.Steps(), r.otherData)
	}
	if r.respecified {
		if err := r.spec.write(r.folder); err != nil {
			return advise(err)
		}
	}
	return r.ready()
}
