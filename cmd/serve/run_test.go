package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"spdiff/cmd/internal/cli/clitest"
)

func TestBadFlags(t *testing.T) {
	clitest.BadFlags(t, run, map[string]string{
		"":                               "-model is missing",
		"-model m -jobs 0":               "at least 1",
		"-model m -waiting -1":           "nobody waits",
		"-model m -waiting 17000000":     "at most 16777216",
		"-model m -batch 65537":          "at most 65536",
		"-model m -time 0s":              "above 0",
		"-model m -cert c.pem":           "go together",
		"-model m -threads -1":           "from 0",
		"-model m -listen 8080":          "ADDRESS:PORT",
		"-model m other":                 "no flag",
		"-model ?=m.safetensors":         "no name",
		"-model m -bytes 0":              "at least 1",
		"-model m -connections 0":        "at least 1",
		"-model m -grace -1s":            "at least 0",
		"-model m -drain -1s":            "at least 0",
		"-model m -host https://a.b":     "as spdiff.example",
		"-model m -host a.b/c":           "as spdiff.example",
		"-model m -host :80":             "as spdiff.example",
		"-model m -time banana":          "banana",
		"-model ../.../x=m.safetensors":  "64 letters, digits, dots, dashes and underscores",
		"-model x=/no/such -key key.pem": "go together",
	})
	if help := clitest.Help(t, run); !strings.Contains(help, "curl") || !strings.Contains(help, "openapi.yaml") {
		t.Error("-h has no examples")
	}
}

// What the requests of -h ask for is the model that its first example serves.
func TestHelpAsksForWhatItServes(t *testing.T) {
	help := clitest.Help(t, run)
	first := regexp.MustCompile(`serve -model (\S+\.safetensors)`).FindStringSubmatch(help)
	asked := regexp.MustCompile(`/v1/models/([^/]+)/`).FindAllStringSubmatch(help, -1)
	if first == nil || len(asked) == 0 {
		t.Fatalf("-h has no examples:\n%s", help)
	}
	name, _ := split(first[1])
	for _, a := range asked {
		if a[1] != name {
			t.Errorf("%s is asked for, and %s is served", a[1], name)
		}
	}
}

// Errors before it listens name the flag and the file.
func TestErrors(t *testing.T) {
	m := modelFile(t, "tied")
	short := filepath.Join(t.TempDir(), "token")
	os.WriteFile(short, []byte("short\n"), 0o600)
	foreign := filepath.Join(t.TempDir(), "token")
	os.WriteFile(foreign, []byte("парольпароль\n"), 0o600)
	for args, want := range map[string]string{
		"-model /no/such":                                                "no such file",
		"-model " + m + " -token /no/such":                               "-token",
		"-model " + m + " -token " + short:                               "16",
		"-model " + m + " -listen 127.0.0.1:99999 -token " + foreign:     "ASCII",
		"-model " + m + " -listen 127.0.0.1:99999":                       "-listen",
		"-model " + m + " -listen 127.0.0.1:0 -cert " + m + " -key " + m: "-cert",
	} {
		if err := run(context.Background(), strings.Fields(args)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v; want %q", args, err, want)
		}
	}
}

// listening serves on a free port until stop, whose result is serve's.
func listening(t *testing.T, s *server, l net.Listener) (stop func(), ended chan error) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	ended = make(chan error, 1)
	go func() { ended <- s.serve(ctx, l) }()
	t.Cleanup(stop)
	return stop, ended
}

func free(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// When it is stopped, what is under way is done and answered, and nobody else is let in.
func TestGracefulStop(t *testing.T) {
	g := newGate()
	s := newServer([]*served{{Model: models()["tied"], name: "tied"}}, defaults(), slog.New(slog.DiscardHandler))
	s.stepped = g.stepped
	l := free(t)
	stop, ended := listening(t, s, l)
	url := "http://" + l.Addr().String()
	status := make(chan int)
	go func() {
		a, err := http.Post(url+"/v1/models/tied/denoise?steps=5", "image/png", bytes.NewReader(asPNG(8, 8)))
		if err != nil {
			t.Error(err)
			status <- 0
			return
		}
		io.Copy(io.Discard, a.Body)
		a.Body.Close()
		status <- a.StatusCode
	}()
	<-g.reached
	stop()
	for !s.stopping.Load() {
		time.Sleep(time.Millisecond)
	}
	select {
	case err := <-ended:
		t.Fatalf("it stopped while it worked: %v", err)
	case <-time.After(20 * time.Millisecond):
	}
	close(g.pass)
	if got := <-status; got != 200 {
		t.Errorf("what was under way is answered by %d", got)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if _, err := http.Get(url + "/healthz"); err == nil {
		t.Error("it still answers")
	}
}

// With -drain requests are still taken after the signal, while the service says that it is not healthy, and then no longer.
func TestDrain(t *testing.T) {
	s := newServer([]*served{{Model: models()["tied"], name: "tied"}}, defaults(), slog.New(slog.DiscardHandler))
	s.limits.drain = 2 * time.Second
	l := free(t)
	stop, ended := listening(t, s, l)
	stop()
	for !s.stopping.Load() {
		time.Sleep(time.Millisecond)
	}
	url := "http://" + l.Addr().String()
	for path, want := range map[string]int{"GET /healthz": 503, "POST /v1/models/tied/samples?steps=1": 200} {
		method, path, _ := strings.Cut(path, " ")
		r, _ := http.NewRequest(method, url+path, nil)
		a, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, a.Body)
		a.Body.Close()
		if a.StatusCode != want {
			t.Errorf("%s: %s; want %d", path, a.Status, want)
		}
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if _, err := http.Get(url + "/healthz"); err == nil {
		t.Error("it still answers")
	}
}

// What is not done when the time of grace is over ends within a step, and is told why.
func TestHardStop(t *testing.T) {
	s := newServer([]*served{{Model: models()["tied"], name: "tied"}}, defaults(), slog.New(slog.DiscardHandler))
	s.limits.grace = 10 * time.Millisecond
	begun := make(chan struct{}, 100)
	s.stepped = func(ctx context.Context) { begun <- struct{}{}; <-ctx.Done() }
	l := free(t)
	stop, ended := listening(t, s, l)
	answer := make(chan string)
	go func() {
		a, err := http.Post("http://"+l.Addr().String()+"/v1/models/tied/denoise?steps=50", "image/png", bytes.NewReader(asPNG(8, 8)))
		if err != nil {
			answer <- err.Error()
			return
		}
		text, _ := io.ReadAll(a.Body)
		a.Body.Close()
		answer <- a.Status + string(text)
	}()
	<-begun
	stop()
	if got := <-answer; !strings.Contains(got, "503") || !strings.Contains(got, "the service stops") {
		t.Error(got)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if len(begun) > 0 {
		t.Errorf("%d steps were made after the end", len(begun))
	}
}

// A service that stops says so where a connection is still open, and is not healthy.
func TestHealth(t *testing.T) {
	s := start(t, nil)
	if a, body := s.ask("GET", "/healthz", "", nil); a.StatusCode != 200 {
		t.Errorf("%s, %s", a.Status, body)
	}
	s.stopping.Store(true)
	if a, body := s.ask("GET", "/healthz", "", nil); a.StatusCode != 503 || a.Header.Get("Retry-After") == "" {
		t.Errorf("%s, %s", a.Status, body)
	}
}

// certificate writes one for this machine.
func certificate(t *testing.T) (cert, key string, pool *x509.CertPool) {
	t.Helper()
	secret, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &secret.PublicKey, secret)
	if err != nil {
		t.Fatal(err)
	}
	text, err := x509.MarshalPKCS8PrivateKey(secret)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")
	public := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	os.WriteFile(cert, public, 0o600)
	os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: text}), 0o600)
	pool = x509.NewCertPool()
	pool.AppendCertsFromPEM(public)
	return cert, key, pool
}

// With a certificate it speaks TLS, by HTTP/2 too, and nothing else.
func TestTLS(t *testing.T) {
	cert, key, pool := certificate(t)
	o := &options{listen: "127.0.0.1:0", cert: cert, key: key, limits: defaults()}
	l, scheme, err := o.open()
	if err != nil || scheme != "https" {
		t.Fatal(scheme, err)
	}
	s := newServer([]*served{{Model: models()["tied"], name: "tied"}}, defaults(), slog.New(slog.DiscardHandler))
	stop, ended := listening(t, s, l)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: true}}
	a, err := client.Post("https://"+l.Addr().String()+"/v1/models/tied/denoise?steps=2", "image/png", bytes.NewReader(asPNG(8, 8)))
	if err != nil {
		t.Fatal(err)
	}
	a.Body.Close()
	if a.StatusCode != 200 || a.ProtoMajor != 2 || a.TLS.Version < tls.VersionTLS12 {
		t.Errorf("%s by %s", a.Status, a.Proto)
	}
	if a, err := http.Get("http://" + l.Addr().String() + "/healthz"); err == nil && a.StatusCode != 400 {
		t.Errorf("without TLS it answers %s", a.Status)
	}
	client.CloseIdleConnections()
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// Over HTTP/2, too, a stream on which nothing comes for longer than a client may take for an event goes on.
func TestSilentStream(t *testing.T) {
	g := newGate()
	s := newServer([]*served{{Model: models()["tied"], name: "tied"}}, defaults(), slog.New(slog.DiscardHandler))
	s.limits.patience, s.stepped = time.Second, g.stepped
	h := httptest.NewUnstartedServer(s.handler())
	h.EnableHTTP2 = true
	h.StartTLS()
	t.Cleanup(h.Close)
	r, _ := http.NewRequest("POST", h.URL+"/v1/models/tied/denoise?steps=2", bytes.NewReader(asPNG(8, 8)))
	r.Header.Set("Content-Type", "image/png")
	r.Header.Set("Accept", "text/event-stream")
	a, err := h.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	<-g.reached
	time.Sleep(2 * s.limits.patience)
	close(g.pass)
	text, err := io.ReadAll(a.Body)
	if a.ProtoMajor != 2 || err != nil || !strings.Contains(string(text), "event: done\n") {
		t.Errorf("by %s: %v after %.300q", a.Proto, err, text)
	}
}

// The command serves a model from its file, says where, answers a proxy in front, and ends well when it is interrupted.
func TestCommand(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	out, errOut := os.Stdout, os.Stderr
	os.Stdout, os.Stderr = w, w
	ended := make(chan error, 1)
	path := modelFile(t, "tied")
	go func() {
		ended <- run(ctx, []string{"-model", "tied=" + path, "-listen", "127.0.0.1:0", "-host", "SPDiff.example"})
	}()
	lines := bufio.NewScanner(r)
	lines.Scan()
	lines.Scan()
	line := lines.Text()
	os.Stdout, os.Stderr = out, errOut
	_, rest, _ := strings.Cut(line, "serve:  ")
	url, _, _ := strings.Cut(rest, ",")
	asked, err := http.NewRequest("GET", url+"/v1/models/tied", nil)
	if err != nil {
		t.Fatal(err)
	}
	asked.Host = "spdiff.example"
	a, err := http.DefaultClient.Do(asked)
	if err != nil {
		t.Fatalf("%v after %q", err, line)
	}
	a.Body.Close()
	stop()
	if err := <-ended; err != nil || a.StatusCode != 200 {
		t.Errorf("%s, %v", a.Status, err)
	}
	w.Close()
}
