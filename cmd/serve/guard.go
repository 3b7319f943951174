package main

import (
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"time"
)

// guarded returns the service behind what every request passes: it is measured, its answer says what browsers may do with it, and
// it is let in only from where it may come and with the token.
func (s *server) guarded(next http.Handler) http.Handler {
	return s.measured(headed(s.hosted(s.crossed().Handler(s.authorised(next)))))
}

// crossed refuses what pages of other sites ask. The page of a host in front is this one, as browsers see it.
func (s *server) crossed() *http.CrossOriginProtection {
	c := http.NewCrossOriginProtection()
	c.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		s.fail(w, problemf(http.StatusForbidden, "a page of another site may not ask this service; -host names a proxy in front"))
	}))
	for _, h := range s.hosts {
		for _, scheme := range []string{"http://", "https://"} {
			if err := c.AddTrustedOrigin(scheme + h); err != nil {
				panic(err) // host has looked at it
			}
		}
	}
	return c
}

// headers are of every answer: a page takes all that it has from this service, and is in no frame.
var headers = map[string]string{
	"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; " +
		"base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
	"X-Content-Type-Options":       "nosniff",
	"Referrer-Policy":              "no-referrer",
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Cache-Control":                "no-store",
}

func headed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, value := range headers {
			w.Header().Set(name, value)
		}
		next.ServeHTTP(w, r)
	})
}

// hosted lets in only requests that name this machine or a host in front, if the service listens on a loopback address or -host is given. A
// page of another site whose name was made to mean this machine (DNS rebinding) sends its own name.
func (s *server) hosted(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if (s.loopback || len(s.hosts) > 0) && !isLoopback(r.Host) && !s.called(r.Host) {
			s.fail(w, problemf(http.StatusMisdirectedRequest, "this service answers only requests to localhost and to the hosts of -host; with -listen on another address and no -host it answers all"))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// called reports whether an address, with a port or without, is that of a host in front.
func (s *server) called(address string) bool {
	return slices.ContainsFunc(s.hosts, func(h string) bool { return strings.EqualFold(hostOf(h), hostOf(address)) })
}

// isLoopback reports whether an address, with a port or without, is this machine's own.
func isLoopback(address string) bool {
	host := hostOf(address)
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

// hostOf returns the host of an address, with a port or without.
func hostOf(address string) string {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return strings.Trim(address, "[]")
	}
	return host
}

// open reports whether a path needs no token: the page itself, which has no data, its description, and whether the service is there.
func open(path string) bool { return path != "/metrics" && !strings.HasPrefix(path, "/v1/") }

// authorised lets in who knows the token, if there is one.
func (s *server) authorised(next http.Handler) http.Handler {
	if s.token == "" {
		return next
	}
	want := sha256.Sum256([]byte(s.token))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		got := sha256.Sum256([]byte(token))
		if !open(r.URL.Path) && (!strings.EqualFold(scheme, "Bearer") || subtle.ConstantTimeCompare(got[:], want[:]) == 0) {
			w.Header().Set("WWW-Authenticate", "Bearer")
			s.fail(w, problemf(http.StatusUnauthorized, "send the header Authorization: Bearer TOKEN, with the token of this service"))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// A recorder remembers what was answered.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (w *recorder) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *recorder) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(p)
	w.bytes += int64(n)
	return n, err
}

// Unwrap is for http.ResponseController.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// measured counts and logs every request: which kind it was and what came of it, and nothing that its sender wrote or is.
func (s *server) measured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begun, rec := time.Now(), &recorder{ResponseWriter: w}
		defer func() {
			if p := recover(); p != nil {
				s.log.Error("panic", "value", p, "stack", string(debug.Stack()))
				if rec.status == 0 {
					s.fail(rec, problemf(http.StatusInternalServerError, "the service failed; its log says why"))
				}
			}
			route := r.Pattern
			if route == "" {
				route = "none"
			}
			took := time.Since(begun)
			s.metrics.request(route, rec.status, took)
			s.log.Info("request", "route", route, "status", rec.status, "ms", took.Milliseconds(), "bytes", rec.bytes)
		}()
		next.ServeHTTP(rec, r)
	})
}
