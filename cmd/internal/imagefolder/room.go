package imagefolder

import "sync"

// memory is what the images and headers that are being read at a time may take, in bytes; one that needs more is read alone.
const memory = 2 << 30

// A room is memory that several readers share.
type room struct {
	sync.Mutex
	free      *sync.Cond
	size, use int64
}

func newRoom(size int64) *room {
	r := &room{size: size}
	r.free = sync.NewCond(r)
	return r
}

// take waits for n bytes, or to be alone.
func (r *room) take(n int64) {
	r.Lock()
	for r.use > 0 && r.use+n > r.size {
		r.free.Wait()
	}
	r.use += n
	r.Unlock()
}

// give gives n bytes back.
func (r *room) give(n int64) {
	r.Lock()
	r.use -= n
	r.Unlock()
	r.free.Broadcast()
}
