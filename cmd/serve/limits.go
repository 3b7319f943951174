package main

import (
	"runtime"
	"time"

	"spdiff"
	"spdiff/cmd/internal/cli"
)

// limits bound what requests take.
type limits struct {
	bytes       int64         // of a request's body
	pixels      int           // of an image
	steps       int           // of a solution
	samples     int           // images drawn by a request
	batch       int           // images or tiles at a time: it sets the memory of a request at work
	jobs        int           // requests at work at once
	waiting     int           // requests that are here besides: they arrive, wait for their turn or are answered
	connections int           // open at once
	time        time.Duration // from the first byte of a request to the end of the work
	drain       time.Duration // from the signal to stop until requests are no longer taken
	grace       time.Duration // for what is under way when the service stops

	patience time.Duration // for a client that takes an event
	beat     time.Duration // between signs of life of a stream of events

	precision spdiff.Precision // of all networks' products: what a request may not choose, for each has memory of its own
}

// mostRequests is more than any machine holds at once, and mostBatch what the library takes.
const (
	mostRequests = 1 << 24
	mostBatch    = 1 << 16
)

// defaults suit small images on a few cores: as many as Go uses, which knows a container's quota.
func defaults() limits {
	return limits{bytes: 8 << 20, pixels: 1 << 18, steps: 250, samples: 64, batch: 8, jobs: max(1, runtime.GOMAXPROCS(0)/2), waiting: 64,
		connections: 1024, time: time.Minute, grace: 30 * time.Second,
		patience: 10 * time.Second, beat: 15 * time.Second}
}

// check finds limits under which nothing could be done.
func (l limits) check() error {
	switch {
	case l.bytes < 1 || l.pixels < 1 || l.steps < 1 || l.samples < 1 || l.batch < 1 || l.jobs < 1 || l.connections < 1:
		return cli.Usagef("-bytes, -pixels, -steps, -samples, -batch, -jobs and -connections must be at least 1")
	case l.jobs > mostRequests || l.waiting > mostRequests:
		return cli.Usagef("-jobs and -waiting are at most %d each", mostRequests)
	case l.batch > mostBatch:
		return cli.Usagef("-batch is %d; it is at most %d", l.batch, mostBatch)
	case l.waiting < 0:
		return cli.Usagef("-waiting is %d; 0 is that nobody waits", l.waiting)
	case l.time <= 0 || l.grace < 0 || l.drain < 0:
		return cli.Usagef("-time must be above 0, and -grace and -drain at least 0, such as 30s or 2m")
	}
	return nil
}
