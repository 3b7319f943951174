package main

import (
	"bytes"
	"embed"
	"net/http"
	"time"
)

// files are the page and the description of the service.
//
//go:embed page openapi.yaml
var files embed.FS

// pages are the routes of what is embedded.
func pages() []route {
	all := []route{
		file("GET /{$}", "page/index.html", "text/html; charset=utf-8"),
		file("GET /style.css", "page/style.css", "text/css; charset=utf-8"),
		file("GET /icon.svg", "page/icon.svg", "image/svg+xml"),
		file("GET /openapi.yaml", "openapi.yaml", "application/yaml"),
	}
	for _, name := range scripts {
		all = append(all, file("GET /"+name, "page/"+name, "text/javascript; charset=utf-8"))
	}
	return all
}

// scripts are the modules of the page.
var scripts = []string{"app.js", "api.js", "form.js", "denoise.js", "draw.js"}

// file returns a route that answers with a file that is embedded.
func file(pattern, name, kind string) route {
	text, err := files.ReadFile(name)
	if err != nil {
		panic(err) // it was there when this was built
	}
	return route{pattern, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", kind)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(text))
	}}
}
