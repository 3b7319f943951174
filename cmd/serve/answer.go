package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strconv"
	"strings"
)

// An answer is what came of a task.
type answer struct {
	report   any       // as JSON
	last     any       // what the last event says; nil: the report
	pictures []picture // in order
	form     bool      // both in a form, else the picture alone, or the report where there is none
	clipped  *clipped  // said in a header too; nil: it is not asked
	left     []string  // likewise, where something is
}

// told returns what the last event says.
func (a *answer) told() any {
	if a.last == nil {
		return a.report
	}
	return a.last
}

func formatSeed(seed uint64) string { return strconv.FormatUint(seed, 10) }

// write writes it.
func (a *answer) write(w http.ResponseWriter) error {
	if a.clipped != nil {
		w.Header().Set("Spdiff-Clipped", a.clipped.header())
	}
	if len(a.left) > 0 {
		w.Header().Set("Spdiff-Left", strings.Join(a.left, ", "))
	}
	if a.form {
		return a.writeForm(w)
	}
	if len(a.pictures) == 0 {
		return writeJSON(w, a.report)
	}
	p := a.pictures[0]
	return send(w, p.Type, p.Data)
}

// writeForm writes the report, and the pictures after it, as multipart/form-data.
func (a *answer) writeForm(w http.ResponseWriter) error {
	text, err := json.Marshal(a.report)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	if err := form.SetBoundary(a.boundary(text)); err != nil {
		return err
	}
	if err := part(form, "report", "application/json", text); err != nil {
		return err
	}
	for _, p := range a.pictures {
		if err := part(form, "image", p.Type, p.Data); err != nil {
			return err
		}
	}
	if err := form.Close(); err != nil {
		return err
	}
	return send(w, form.FormDataContentType(), b.Bytes())
}

// boundary returns a hash of the report and the pictures: it is in none of them, and the same answer is the same bytes.
func (a *answer) boundary(report []byte) string {
	h := sha256.New()
	h.Write(report)
	for _, p := range a.pictures {
		h.Write(p.Data)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func part(form *multipart.Writer, name, kind string, data []byte) error {
	w, err := form.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {fmt.Sprintf("form-data; name=%q", name)},
		"Content-Type":        {kind},
	})
	if err == nil {
		_, err = w.Write(data)
	}
	return err
}

func writeJSON(w http.ResponseWriter, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return send(w, "application/json", text)
}

func send(w http.ResponseWriter, kind string, data []byte) error {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Length", strconv.Itoa(len(data)))
	_, err := w.Write(data)
	return err
}
