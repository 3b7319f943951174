package main

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"strings"
)

// An upload is what a request brought.
type upload struct {
	settings url.Values
	picture  []byte
	form     bool // it was a form, and so is the answer
}

// Of a form: how many parts it may have, and how long a setting may be.
const (
	maxParts   = 32
	maxSetting = 256
)

// readUpload reads a request whose body is an image, with the settings in the query, or a form with both. The names of files that
// a form may say are not looked at. The body is read to its end, after which a client that goes away is noticed.
func readUpload(r *http.Request) (upload, error) {
	kind, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return upload{}, problemf(http.StatusUnsupportedMediaType, "the Content-Type must say what the body is: image/png, image/jpeg, image/tiff or multipart/form-data")
	}
	u := upload{}
	if u.settings, err = query(r); err != nil {
		return u, err
	}
	switch {
	case kind == "multipart/form-data":
		u.form = true
		err = u.readForm(multipart.NewReader(r.Body, parameters["boundary"]))
	case strings.HasPrefix(kind, "image/") || kind == "application/octet-stream":
		u.picture, err = io.ReadAll(r.Body)
	default:
		err = problemf(http.StatusUnsupportedMediaType, "bodies of type %.40q are not read; send image/png, image/jpeg, image/tiff or multipart/form-data", kind)
	}
	if err == nil {
		_, err = io.Copy(io.Discard, r.Body)
	}
	switch {
	case err != nil:
		return u, unread(err)
	case len(u.picture) == 0:
		return u, problemf(http.StatusBadRequest, "there is no image: send one as the body, or as the part named image of a form")
	}
	return u, nil
}

// readForm reads the parts of a form.
func (u *upload) readForm(form *multipart.Reader) error {
	for range maxParts {
		part, err := form.NextRawPart()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := u.readPart(part); err != nil {
			return err
		}
	}
	return problemf(http.StatusBadRequest, "the form has more than %d parts", maxParts)
}

func (u *upload) readPart(part *multipart.Part) (err error) {
	name := part.FormName()
	if name == "image" {
		if u.picture != nil {
			return problemf(http.StatusBadRequest, "the form has more than one image; send each in a request of its own")
		}
		u.picture, err = io.ReadAll(part)
		return err
	}
	value, err := io.ReadAll(io.LimitReader(part, maxSetting+1))
	if err == nil && len(value) > maxSetting {
		err = problemf(http.StatusBadRequest, "the setting %.40q has more than %d bytes", name, maxSetting)
	}
	u.settings.Add(name, string(value))
	return err
}

// query returns the settings in a request's query.
func query(r *http.Request) (url.Values, error) {
	v, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, problemf(http.StatusBadRequest, "the query of the address cannot be read: %v", err)
	}
	return v, nil
}

// readNothing reads the body of a request that needs none.
func readNothing(r *http.Request) error {
	n, err := io.Copy(io.Discard, r.Body)
	if err == nil && n > 0 {
		err = problemf(http.StatusBadRequest, "this takes no body; settings are in the query of the address")
	}
	return unread(err)
}

// unread says of a body that did not arrive, unless it is known why, that it did not.
func unread(err error) error {
	var (
		known *problem
		large *http.MaxBytesError
	)
	switch {
	case err == nil, errors.As(err, &known), errors.As(err, &large):
		return err
	case errors.Is(err, os.ErrDeadlineExceeded):
		return problemf(http.StatusRequestTimeout, "the request did not arrive in %v", receiving)
	}
	return problemf(http.StatusBadRequest, "the body cannot be read: %v", err)
}
