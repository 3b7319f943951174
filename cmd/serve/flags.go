package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"strings"

	"spdiff/cmd/internal/cli"
)

// options are the flags.
type options struct {
	models           []string
	hosts            []string // of proxies in front, in small letters
	listen           string
	token, cert, key string // files
	threads          int
	debug            bool
	limits           limits
}

// parse reads the flags and checks what can be checked without the models.
func parse(args []string) (*options, error) {
	o := &options{limits: defaults()}
	f := flag.NewFlagSet("serve", flag.ContinueOnError)
	o.define(f)
	if err := cli.Parse(f, args, usage, "; a model is -model FILE"); err != nil {
		return nil, err
	}
	return o, o.validate()
}

func (o *options) define(f *flag.FlagSet) {
	f.Func("model", "a model, a `FILE` or NAME=FILE, as train writes it; several times for several", func(s string) error {
		o.models = append(o.models, s)
		return nil
	})
	f.Func("host", "the public `HOST` of a proxy in front, such as spdiff.example, with the port if browsers show one; repeat for several. Requests for other hosts are refused", o.host)
	f.StringVar(&o.listen, "listen", "127.0.0.1:8080", "the `ADDRESS` to listen on; :8080 is every address of the machine, port 0 one that is free")
	f.StringVar(&o.token, "token", "", "a `FILE` with the token that requests must bring (Authorization: Bearer TOKEN), of at least 16 letters, digits and signs of ASCII")
	f.StringVar(&o.cert, "cert", "", "a `FILE` with the TLS certificate and its chain, in PEM")
	f.StringVar(&o.key, "key", "", "a `FILE` with the private key of -cert, in PEM")
	f.IntVar(&o.threads, "threads", 0, "threads to use; 0: all cores. Never changes an image")
	f.BoolVar(&o.debug, "debug", false, "log, besides requests, each batch and image that the models make and how long it took")
	l := &o.limits
	cli.Precision(f, &l.precision)
	f.IntVar(&l.jobs, "jobs", l.jobs, "requests that are worked on at once; each has memory of its own")
	f.IntVar(&l.waiting, "waiting", l.waiting, "further requests that may be arriving, waiting or being answered; any more are told to come back later")
	f.DurationVar(&l.time, "time", l.time, "how long a request may take, waiting included")
	f.DurationVar(&l.drain, "drain", l.drain, "how long to go on taking requests after the signal to stop, while /healthz says 503, so that a load balancer goes elsewhere")
	f.DurationVar(&l.grace, "grace", l.grace, "after -drain, how long requests under way may still take")
	f.Int64Var(&l.bytes, "bytes", l.bytes, "most bytes of a request")
	f.IntVar(&l.pixels, "pixels", l.pixels, "most pixels of an image, with the padding that it gets where it is smaller than the network's images")
	f.IntVar(&l.steps, "steps", l.steps, "most steps of a request")
	f.IntVar(&l.samples, "samples", l.samples, "most samples of a request")
	f.IntVar(&l.batch, "batch", l.batch, "samples, or tiles of a large image, at a time: the memory of a request grows with it; never changes an image")
	f.IntVar(&l.connections, "connections", l.connections, "connections that are open at once; others wait")
}

// host adds one of a proxy in front.
func (o *options) host(s string) error {
	if u, err := url.Parse("http://" + s); err != nil || u.Host != s || u.Hostname() == "" {
		return errors.New("it is a host, as spdiff.example or spdiff.example:8443")
	}
	o.hosts = append(o.hosts, strings.ToLower(s))
	return nil
}

func usage(w io.Writer) {
	fmt.Fprint(w, `usage: serve -model FILE [flags]

Offers models over HTTP, and to people on a page that needs nothing but this service. It denoises images, in every orientation
too, with the differences; draws samples; and says what the models are. /openapi.yaml describes it to programs.

  serve -model digits=runs/digits-1/model.safetensors    then open http://127.0.0.1:8080
  serve -model digits=A.safetensors -model plain=B.safetensors     two models, compared on the page
  serve -model M -listen :8443 -cert cert.pem -key key.pem -token token.txt      to others
  serve -model M -host spdiff.example                    behind a proxy of that name: docs/serve.md has one
  serve -model M -waiting 256 -time 2m                   for many at once: docs/serve.md says what that does under load

  curl --data-binary @digit.png -H 'Content-Type: image/png' 'http://127.0.0.1:8080/v1/models/digits/denoise?steps=20' -o clean.png
  curl -X POST 'http://127.0.0.1:8080/v1/models/digits/samples?seed=7' -o sample.png
  curl -N -X POST -H 'Accept: text/event-stream' 'http://127.0.0.1:8080/v1/models/digits/samples?n=16'     as they are drawn

An interrupt stops it when what is under way is done. What requests bring is kept nowhere, and is in no log.

`)
}

// validate finds flags that make no sense.
func (o *options) validate() error {
	switch {
	case len(o.models) == 0:
		return cli.Usagef("-model is missing: the file of a model, as runs/digits-1/model.safetensors")
	case (o.cert == "") != (o.key == ""):
		return cli.Usagef("-cert and -key go together")
	case cli.CheckThreads(o.threads) != nil:
		return cli.CheckThreads(o.threads)
	}
	if _, _, err := net.SplitHostPort(o.listen); err != nil {
		return cli.Usagef("-listen %s: %v; it is ADDRESS:PORT, as 127.0.0.1:8080", o.listen, err)
	}
	return o.limits.check()
}

// secret reads the token.
func (o *options) secret() (string, error) {
	if o.token == "" {
		return "", nil
	}
	text, err := os.ReadFile(o.token)
	if err != nil {
		return "", fmt.Errorf("-token: %w", err)
	}
	text = bytes.TrimSpace(text)
	if len(text) < 16 || len(text) > 4096 || bytes.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "", fmt.Errorf("-token %s: a token is one word of 16 to 4096 letters, digits and signs of ASCII; one is made by: openssl rand -hex 32", o.token)
	}
	return string(text), nil
}
