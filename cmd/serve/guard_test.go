package main

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// Only who knows the token gets at models and metrics; the page and the health are for all.
func TestToken(t *testing.T) {
	s := start(t, func(s *server) { s.token = "0123456789abcdef" })
	for _, c := range []struct {
		method, path, authorization string
		status                      int
	}{
		{"GET", "/", "", 200}, {"GET", "/healthz", "", 200}, {"GET", "/openapi.yaml", "", 200},
		{"GET", "/v1/models", "", 401}, {"GET", "/metrics", "", 401}, {"POST", "/v1/models/tied/samples?steps=2", "", 401},
		{"GET", "/v1/models", "Bearer wrong", 401}, {"GET", "/v1/models", "0123456789abcdef", 401}, {"GET", "/v1/models", "Basic 0123456789abcdef", 401},
		{"GET", "/v1/models", "Bearer 0123456789abcdef0", 401},
		{"GET", "/v1/models", "Bearer 0123456789abcdef", 200}, {"GET", "/metrics", "bearer 0123456789abcdef", 200},
		{"POST", "/v1/models/tied/samples?steps=2", "Bearer 0123456789abcdef", 200},
		{"GET", "//v1/models", "", 401}, {"GET", "/x/../v1/models", "", 401},
	} {
		a, body := s.ask(c.method, c.path, "", nil, "Authorization", c.authorization)
		if a.StatusCode != c.status {
			t.Errorf("%s %s with %q: %s, %s", c.method, c.path, c.authorization, a.Status, body)
		}
		if a.StatusCode == 401 && a.Header.Get("WWW-Authenticate") != "Bearer" {
			t.Errorf("%s does not say what it wants", c.path)
		}
	}
}

// Pages of other sites cannot use a service that listens to this machine, by their own name or by one that was made to mean it; those
// of a proxy in front can, by the name that -host says.
func TestOtherSites(t *testing.T) {
	s := start(t, func(s *server) { s.hosts = []string{"spdiff.example:8443"} })
	path := "/v1/models/tied/samples?steps=2"
	for _, c := range []struct {
		headers []string
		status  int
	}{
		{nil, 200},
		{[]string{"Sec-Fetch-Site", "same-origin"}, 200},
		{[]string{"Sec-Fetch-Site", "cross-site"}, 403},
		{[]string{"Origin", "https://elsewhere.example"}, 403},
		{[]string{"Origin", "https://spdiff.example:8443"}, 200},
		{[]string{"Origin", "http://spdiff.example:8443"}, 200},
		{[]string{"Origin", "https://spdiff.example"}, 403},
	} {
		if a, body := s.ask("POST", path, "", nil, c.headers...); a.StatusCode != c.status {
			t.Errorf("%v: %s, %s", c.headers, a.Status, body)
		}
	}
	for host, status := range map[string]int{"localhost:80": 200, "[::1]": 200, "127.0.0.1": 200, "elsewhere.example": 421, "localhost.elsewhere.example:80": 421,
		"spdiff.example": 200, "SPDiff.example:8443": 200, "spdiff.example.elsewhere.example": 421, "LOCALHOST:80": 200} {
		if got := s.as(host, "/healthz"); got != status {
			t.Errorf("as %s: %d", host, got)
		}
	}
	if got := s.as("elsewhere.example", "/openapi.yaml"); got != 421 {
		t.Errorf("the document comes from elsewhere: %d", got)
	}
}

// as asks for a path of the host of a name, and returns the status.
func (s *service) as(host, path string) int {
	s.Helper()
	r, err := http.NewRequest("GET", s.URL+path, nil)
	if err != nil {
		s.Fatal(err)
	}
	r.Host = host
	a, err := s.client.Do(r)
	if err != nil {
		s.Fatal(err)
	}
	a.Body.Close()
	return a.StatusCode
}

// Where the service listens to others, too, a host that is said is the only one besides this machine: a container's port is open to this
// machine alone, and the service in it cannot know. Where none is said all are let in.
func TestHostsOfOthers(t *testing.T) {
	for _, hosts := range [][]string{nil, {"localhost:8080"}} {
		s := start(t, func(s *server) { s.loopback, s.hosts = false, hosts })
		for host, named := range map[string]bool{"localhost:8080": true, "127.0.0.1:8080": true, "elsewhere.example:8080": false} {
			want := 200
			if hosts != nil && !named {
				want = 421
			}
			if got := s.as(host, "/v1/models"); got != want {
				t.Errorf("-host %v, as %s: %d, want %d", hosts, host, got, want)
			}
		}
	}
}

// Nothing that a client wrote, or is, is in the log, whatever goes wrong.
func TestLogHasNoUserData(t *testing.T) {
	const secret = "hemoglobin"
	s := start(t, func(s *server) {
		s.token = secret
		s.stepped = func(context.Context) { panic("in the works") }
	})
	auth := []string{"Authorization", "Bearer " + secret, "User-Agent", secret, "Referer", secret}
	form, kind := asForm([]byte(secret), secret, secret)
	s.ask("POST", "/v1/models/tied/denoise?"+secret+"=1", kind, form, auth...)
	s.ask("POST", "/v1/models/"+secret+"/denoise", "image/png", []byte(secret), auth...)
	s.ask("GET", "/"+secret, "", nil, auth...)
	if a, body := s.ask("POST", "/v1/models/tied/denoise?steps=4242", "image/png", asPNG(8, 8), auth...); a.StatusCode != 400 {
		t.Errorf("%s, %s", a.Status, body)
	}
	a, body := s.ask("POST", "/v1/models/tied/denoise?steps=42", "image/png", asPNG(8, 8), auth...)
	if a.StatusCode != 500 || strings.Contains(string(body), "works") {
		t.Errorf("a failure is answered by %s, %s", a.Status, body)
	}
	log := s.logged.String()
	for _, hidden := range []string{secret, "steps", "4242", "127.0.0.1"} {
		if strings.Contains(log, hidden) {
			t.Errorf("%q is in the log: %s", hidden, log)
		}
	}
	if !strings.Contains(log, "in the works") || strings.Count(log, "msg=request") != 5 {
		t.Errorf("the log is %s", log)
	}
	if len(s.queue.places) != 0 || len(s.queue.jobs) != 0 {
		t.Error("a failure keeps its place")
	}
}

// With -debug the log has each image that is made, and without it the requests alone.
func TestDebug(t *testing.T) {
	for _, debug := range []bool{false, true} {
		var b safeBuffer
		s := newServer([]*served{{Model: models()["tied"], name: "tied"}}, defaults(), (&options{debug: debug}).logger(&b))
		r := httptest.NewRequest("POST", "http://localhost/v1/models/tied/denoise?steps=2", bytes.NewReader(asPNG(8, 8)))
		r.Header.Set("Content-Type", "image/png")
		w := httptest.NewRecorder()
		s.handler().ServeHTTP(w, r)
		if w.Code != 200 || !strings.Contains(b.String(), "msg=request") || strings.Contains(b.String(), `msg="images denoised"`) != debug {
			t.Errorf("-debug=%v: %d, the log is %s", debug, w.Code, b.String())
		}
	}
}

// That an answer was not taken is in the log of -debug, and not by whom, which the error of the connection says.
func TestLostAnswer(t *testing.T) {
	var b safeBuffer
	s := newServer([]*served{{Model: models()["tied"], name: "tied"}}, defaults(), (&options{debug: true}).logger(&b))
	w := &stuck{answered: answered{header: http.Header{}}, free: make(chan struct{}),
		err: &net.OpError{Op: "write", Net: "tcp", Addr: &net.TCPAddr{IP: net.IPv4(203, 0, 113, 7), Port: 4711}, Err: errors.New("reset")}}
	close(w.free)
	s.handler().ServeHTTP(w, httptest.NewRequest("POST", "http://localhost/v1/models/tied/samples?steps=1", nil))
	if log := b.String(); !strings.Contains(log, "the answer was not taken") || strings.Contains(log, "203.0.113.7") {
		t.Errorf("the log is %s", log)
	}
}

// FuzzRequest: whatever a request says, it is answered, with a reason where it is refused, and never as a failure.
func FuzzRequest(f *testing.F) {
	form, kind := asForm(asPNG(8, 8), "steps", "1")
	f.Add("steps=1", "image/png", asPNG(8, 8))
	f.Add("steps=1&solver=em&seed=3&start=0.4&degrade=3&deterministic=1", "image/jpeg", asJPEG(9, 8))
	f.Add("", kind, form)
	f.Add("steps=2", "image/png", asPNG(8, 8))
	f.Add("steps=1", "image/png", asPNG(8, 10))
	f.Add("class=1;%", "multipart/form-data; boundary=x", []byte("--x\r\nContent-Disposition: form-data; name=\"image\"\r\n\r\n\r\n--x--"))
	f.Add("steps=1", "image/png", bomb(400, 400))
	f.Fuzz(func(t *testing.T, query, kind string, body []byte) {
		s, handler := fuzzed()
		r, err := http.NewRequest("POST", "http://localhost/v1/models/tied/denoise", bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.URL.RawQuery = query
		r.Header.Set("Content-Type", kind)
		w := &answered{header: http.Header{}}
		handler.ServeHTTP(w, r)
		if w.status >= 500 || w.status >= 400 && !strings.Contains(w.body.String(), `"detail":"`) {
			t.Errorf("%d, %s", w.status, w.body.String())
		}
		if len(s.queue.places) != 0 || len(s.queue.jobs) != 0 {
			t.Error("it keeps its place")
		}
	})
}

// answered keeps an answer.
type answered struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (w *answered) Header() http.Header         { return w.header }
func (w *answered) Write(p []byte) (int, error) { return w.body.Write(p) }
func (w *answered) WriteHeader(status int)      { w.status = status }
