//go:build unix

package main

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// leave asks a service for samples as events, and goes away when the first comes: by a reset where that is so.
func leave(t *testing.T, address string, reset bool) {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(time.Minute))
	fmt.Fprintf(c, "POST /v1/models/tied/samples?n=64&steps=250&frames=16 HTTP/1.1\r\nHost: %s\r\nAccept: text/event-stream\r\nContent-Length: 0\r\n\r\n", address)
	for lines := bufio.NewScanner(c); !strings.HasPrefix(lines.Text(), "event: "); {
		if !lines.Scan() {
			t.Fatalf("no event comes: %v", lines.Err())
		}
	}
	if reset {
		c.(*net.TCPConn).SetLinger(0)
	}
}

// Clients that go away, however they do, end their own requests and not the service, whose process gets SIGPIPE for what it writes to
// them.
func TestClientsThatLeave(t *testing.T) {
	l := serveModel(t, "tied="+modelFile(t, "tied"))
	for i := range 10 {
		leave(t, strings.TrimPrefix(l.url, "http://"), i%2 == 0)
		time.Sleep(50 * time.Millisecond) // until the service has noticed
		a, err := http.Get(l.url + "/healthz")
		if err != nil {
			t.Fatalf("after %d clients: %v", i+1, err)
		}
		a.Body.Close()
		if a.StatusCode != http.StatusOK {
			t.Fatalf("after %d clients: %s", i+1, a.Status)
		}
	}
}
