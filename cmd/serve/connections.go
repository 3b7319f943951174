package main

import (
	"net"
	"sync"
)

// A listener accepts no more connections than may be open at once; others wait in the system's own queue, which is bounded.
type listener struct {
	net.Listener
	open   chan struct{}
	closed chan struct{}
	once   sync.Once
}

func bounded(l net.Listener, n int) net.Listener {
	return &listener{Listener: l, open: make(chan struct{}, n), closed: make(chan struct{})}
}

// Accept waits for room, and then for a connection.
func (l *listener) Accept() (net.Conn, error) {
	select {
	case l.open <- struct{}{}:
	case <-l.closed:
		return nil, net.ErrClosed
	}
	c, err := l.Listener.Accept()
	if err != nil {
		<-l.open
		return nil, err
	}
	return &connection{Conn: c, leave: sync.OnceFunc(func() { <-l.open })}, nil
}

// Close ends the waiting, too.
func (l *listener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return l.Listener.Close()
}

// A connection makes room when it is closed.
type connection struct {
	net.Conn
	leave func()
}

func (c *connection) Close() error {
	defer c.leave()
	return c.Conn.Close()
}
