package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"spdiff/asm"
	"spdiff/tensor"
)

// receiving is how long a request may take to arrive.
const receiving = 20 * time.Second

// run is the command: read the flags and the models, listen, and serve until the context ends.
func run(ctx context.Context, args []string) error {
	o, err := parse(args)
	if err != nil {
		return err
	}
	tensor.SetWorkers(o.threads)
	token, err := o.secret()
	if err != nil {
		return err
	}
	models, err := load(o.models)
	if err != nil {
		return err
	}
	s := newServer(models, o.limits, o.logger(os.Stderr))
	s.token, s.hosts = token, o.hosts
	l, scheme, err := o.open()
	if err != nil {
		return err
	}
	s.loopback = isLoopback(l.Addr().String())
	for _, m := range models {
		c := m.Config()
		fmt.Printf("model:  %s, %s over %v, %.2f million parameters\n", m.name, c.Method, c.Group, float64(m.Parameters())/1e6)
	}
	fmt.Printf("serve:  %s://%s, %d at work and %d waiting, %d threads, %s\n", scheme, l.Addr(), o.limits.jobs, o.limits.waiting, tensor.Workers(), asm.ISA())
	if !s.loopback && token == "" {
		s.log.Warn("everyone who reaches this address may use the service; -token FILE asks for a token")
	}
	return s.serve(ctx, l)
}

// logger returns the service's, which writes to w.
func (o *options) logger(w io.Writer) *slog.Logger {
	level := slog.LevelInfo
	if o.debug {
		level = slog.LevelDebug
	}
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: level}))
}

// open listens, with TLS if there is a certificate.
func (o *options) open() (l net.Listener, scheme string, err error) {
	if l, err = net.Listen("tcp", o.listen); err != nil {
		return nil, "", fmt.Errorf("-listen: %w; another port, or 0 for any", err)
	}
	l = bounded(l, o.limits.connections)
	if o.cert == "" {
		return l, "http", nil
	}
	cert, err := tls.LoadX509KeyPair(o.cert, o.key)
	if err != nil {
		l.Close()
		return nil, "", fmt.Errorf("-cert %s, -key %s: %w", o.cert, o.key, err)
	}
	return tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}}), "https", nil
}

// serve answers what comes to a listener until the context ends. Then it says that it is not healthy and lets in who comes for the time of
// drain; then nobody is let in, what is under way has the time of grace, and what is not done by then ends within a step.
func (s *server) serve(ctx context.Context, l net.Listener) error {
	base, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	h := &http.Server{
		Handler:           s.handler(),
		BaseContext:       func(net.Listener) context.Context { return base },
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       receiving,
		WriteTimeout:      s.limits.time + 30*time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          log.New(io.Discard, "", 0), // it names addresses of clients
	}
	failed := make(chan error, 1)
	go func() { failed <- h.Serve(l) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	return s.stop(h, cancel)
}

// stop ends what serve does.
func (s *server) stop(h *http.Server, cancel context.CancelCauseFunc) error {
	s.stopping.Store(true)
	s.log.Info("stopping", "working", s.queue.working(), "waiting", s.queue.waiting())
	time.Sleep(s.limits.drain)
	for _, d := range []time.Duration{s.limits.grace, 5 * time.Second} {
		ctx, end := context.WithTimeout(context.Background(), d)
		err := h.Shutdown(ctx)
		end()
		if !errors.Is(err, context.DeadlineExceeded) {
			return err
		}
		cancel(errStopping)
	}
	return h.Close()
}
