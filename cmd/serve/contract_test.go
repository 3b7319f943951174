package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
)

// A contract is a transport that holds what passes against openapi.yaml: every answer, and every request that was answered well.
type contract struct {
	*testing.T
	next   http.RoundTripper
	router routers.Router
}

// document is openapi.yaml, read once.
var document = sync.OnceValues(func() (*openapi3.T, error) {
	for _, kind := range []string{"image/png", "image/jpeg", "image/tiff", "text/event-stream", "text/html", "application/yaml"} {
		openapi3filter.RegisterBodyDecoder(kind, openapi3filter.FileBodyDecoder)
	}
	text, err := files.ReadFile("openapi.yaml")
	if err != nil {
		return nil, err
	}
	d, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		return nil, err
	}
	err = d.Validate(context.Background())
	d.Servers = nil // "." is where the document is, which the router does not know
	return d, err
})

func newContract(t *testing.T, next http.RoundTripper) *contract {
	t.Helper()
	d, err := document()
	if err != nil {
		t.Fatal(err)
	}
	router, err := gorillamux.NewRouter(d)
	if err != nil {
		t.Fatal(err)
	}
	return &contract{t, next, router}
}

func (c *contract) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	a, err := c.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	asked := r.Clone(context.Background())
	asked.Body = io.NopCloser(bytes.NewReader(body))
	asked.URL.Scheme, asked.URL.Host = "", ""
	route, path, err := c.router.FindRoute(asked)
	if err != nil {
		return a, nil // the page, or what is not there
	}
	text, err := io.ReadAll(a.Body)
	if err != nil {
		return nil, err
	}
	a.Body = io.NopCloser(bytes.NewReader(text))
	c.check(&openapi3filter.RequestValidationInput{Request: asked, PathParams: path, Route: route,
		Options: &openapi3filter.Options{IncludeResponseStatus: true, AuthenticationFunc: openapi3filter.NoopAuthenticationFunc}}, a, text)
	return a, nil
}

func (c *contract) check(in *openapi3filter.RequestValidationInput, a *http.Response, text []byte) {
	c.Helper()
	if a.StatusCode < 300 {
		if err := openapi3filter.ValidateRequest(context.Background(), in); err != nil {
			c.Errorf("%s %s was answered, and is against openapi.yaml: %v", in.Request.Method, in.Request.URL, err)
		}
	}
	out := &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: a.StatusCode, Header: a.Header, Options: in.Options}
	out.SetBodyBytes(text)
	if err := openapi3filter.ValidateResponse(context.Background(), out); err != nil {
		c.Errorf("the answer to %s %s is against openapi.yaml: %v", in.Request.Method, in.Request.URL, err)
	}
}

// The document describes every route but the page's, and no other.
func TestDocumentIsComplete(t *testing.T) {
	d, err := document()
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for path, item := range d.Paths.Map() {
		for method := range item.Operations() {
			want = append(want, method+" "+path)
		}
	}
	for _, r := range start(t, nil).routes() {
		if name, ok := strings.CutPrefix(r.pattern, "GET /"); !ok || !slices.Contains(append(scripts, "{$}", "style.css", "icon.svg"), name) {
			got = append(got, r.pattern)
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(want, got) {
		t.Errorf("openapi.yaml has %v; the service %v", want, got)
	}
}

// The document knows the settings that the routes know, and what each event holds.
func TestDocumentKnowsSettings(t *testing.T) {
	d, err := document()
	if err != nil {
		t.Fatal(err)
	}
	for path, names := range map[string][]string{"denoise": denoiseNames, "orientations": denoiseNames, "samples": sampleNames} {
		item := d.Paths.Value("/v1/models/{model}/" + path)
		var got []string
		for _, p := range append(item.Parameters, item.Post.Parameters...) {
			if p.Value.In == "query" {
				got = append(got, p.Value.Name)
			}
		}
		if p := item.Parameters.GetByInAndName("query", "solver"); !slices.EqualFunc(p.Schema.Value.Enum, solverNames(), func(v any, name string) bool { return v == name }) {
			t.Errorf("%s: the solvers are %v in openapi.yaml", path, p.Schema.Value.Enum)
		}
		want := slices.Sorted(slices.Values(names))
		if slices.Sort(got); !slices.Equal(got, want) {
			t.Errorf("%s: %v in openapi.yaml, %v in the service", path, got, want)
		}
	}
}

// conform holds the data of events against the schema that the document has for each.
func (s *service) conform(events []event, schemas map[string]string) {
	s.Helper()
	d, err := document()
	if err != nil {
		s.Fatal(err)
	}
	for _, e := range events {
		schema, ok := schemas[e.name]
		if !ok {
			s.Errorf("an event is named %s", e.name)
			continue
		}
		if err := d.Components.Schemas[schema].Value.VisitJSON(parsed(s.T, e.data.(string))); err != nil {
			s.Errorf("the event %s is no %s: %v", e.name, schema, err)
		}
	}
}
