package main

import (
	"context"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"spdiff/sde"
)

// A queue bounds the requests that are worked on at once, and those that wait for it. Who waits longest is next.
type queue struct {
	places chan struct{} // one is taken by each request that is here
	jobs   chan struct{} // one is taken by each request that is worked on
	line   atomic.Int64  // requests that wait for their turn
	mean   atomic.Int64  // about how many nanoseconds the last jobs took
}

func newQueue(l limits) *queue {
	return &queue{places: make(chan struct{}, l.jobs+l.waiting), jobs: make(chan struct{}, l.jobs)}
}

// enter takes a place, which leave gives back, if there is one.
func (q *queue) enter() (ok bool) {
	select {
	case q.places <- struct{}{}:
		return true
	default:
		return false
	}
}

func (q *queue) leave() { <-q.places }

// work waits for its turn and does it. It is done within the context, or not begun when that ends.
func (q *queue) work(ctx context.Context, do func() error) error {
	if err := q.turn(ctx); err != nil {
		return err
	}
	defer func() { <-q.jobs }()
	if err := sde.Stopped(ctx); err != nil {
		return err
	}
	begun := time.Now()
	err := do()
	if err == nil {
		q.took(time.Since(begun))
	}
	return err
}

// turn waits for a job.
func (q *queue) turn(ctx context.Context) error {
	q.line.Add(1)
	defer q.line.Add(-1)
	select {
	case q.jobs <- struct{}{}:
		return nil
	case <-ctx.Done():
		return sde.Stopped(ctx)
	}
}

// took moves the mean by an eighth towards what a job took.
func (q *queue) took(d time.Duration) {
	old := q.mean.Load()
	if old == 0 {
		q.mean.Store(int64(d))
		return
	}
	q.mean.Store(old + (int64(d)-old)/8)
}

// working and waiting say how many requests are worked on, and how many wait for that; others that are here arrive or are answered.
func (q *queue) working() int { return len(q.jobs) }
func (q *queue) waiting() int { return int(q.line.Load()) }

// retryAfter is after how many seconds to come back, from 1 to 60: at random between about when the requests here now are done and twice
// that, so that clients told at the same time do not come back together.
func (q *queue) retryAfter() int {
	all := time.Duration(q.mean.Load()) * time.Duration(len(q.places)) / time.Duration(cap(q.jobs))
	seconds := min(max(int((all+time.Second-1)/time.Second), 1), 30)
	return seconds + rand.IntN(seconds+1)
}
