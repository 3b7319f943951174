package main

import (
	"bytes"
	"context"
	"image/png"
	"net/http"

	"spdiff"
	"spdiff/cmd/internal/dicom"
	"spdiff/cmd/internal/fit"
	pictures "spdiff/cmd/internal/picture"
	"spdiff/sde"
	"spdiff/tensor"
)

// A picture is an image as a file holds it.
type picture struct {
	Type string `json:"type"` // of the medium
	Data []byte `json:"data"` // in base64 where it is in JSON
}

const typePNG = "image/png"

// look reads the header of a picture, and says what is wrong with one that is not to be decoded. DICOM is not: its header is known only when
// the file is unpacked, which takes memory before the request's turn; and an answer without all that it says would be another image.
// What counts is the image as the model is given it, with mirror images at its edges where it is smaller than the network.
func look(ctx context.Context, file []byte, m *spdiff.Model, most int) error {
	if dicom.Is(file) {
		return problemf(http.StatusUnprocessableEntity, "DICOM is not read here; send a picture, as by dcmj2pnm +on IN.dcm OUT.png, or denoise it by cmd/denoise, which keeps all that the file says")
	}
	head, err := pictures.ReadHeader(ctx, bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return unreadable(ctx, err)
	}
	if head.More > 0 {
		return problemf(http.StatusUnprocessableEntity, "the file has %d pages or frames, and an answer is one image; send each alone, or denoise the file by cmd/denoise, which makes all", head.More+1)
	}
	rows, columns, _ := m.Shape()
	h, w := fit.Size(head.H, head.W, rows, columns)
	switch {
	case h <= most/w:
		return nil
	case h == head.H && w == head.W:
		return problemf(http.StatusRequestEntityTooLarge, "the image has %s; at most %d pixels in all are denoised here", pictures.Size(h, w), most)
	}
	return problemf(http.StatusRequestEntityTooLarge, "the image has %s, and for the network's %s is padded to %s; at most %d pixels in all are denoised here; cut it up, or scale it",
		pictures.Size(head.H, head.W), pictures.Size(rows, columns), pictures.Size(h, w), most)
}

// read returns a picture that look has seen.
func read(ctx context.Context, file []byte) (*pictures.Whole, error) {
	w, err := pictures.ReadWhole(ctx, bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return nil, unreadable(ctx, err)
	}
	return w, nil
}

// unreadable is the error of a picture that was not read: its context's, where that has ended, which is no fault of the picture.
func unreadable(ctx context.Context, err error) error {
	if stopped := sde.Stopped(ctx); stopped != nil {
		return stopped
	}
	return problemf(http.StatusUnprocessableEntity, "the image cannot be read: %v", err)
}

// floats returns the numbers of a picture, (H, W, C) with values in [−1, 1].
func floats(w *pictures.Whole) *tensor.Tensor {
	z := tensor.New(w.Image.H, w.Image.W, w.C)
	w.Floats(z.Data())
	return z
}

// types are those of the formats that are written.
var types = map[string]string{"PNG": typePNG, "JPEG": "image/jpeg", "TIFF": "image/tiff"}

// rewritten returns a picture that was read with other numbers: in its own format where it is one that is written, else as a PNG,
// with its depth and the metadata that were read; what else the file says About.Left names.
func rewritten(w *pictures.Whole, z *tensor.Tensor) (picture, error) {
	format := w.Format
	if types[format] == "" {
		format = "PNG"
	}
	if err := w.SetFloats(z.Data()); err != nil {
		return picture{}, err
	}
	var b bytes.Buffer
	err := w.Encode(&b, format)
	return picture{types[format], b.Bytes()}, err
}

// encode returns an image (H, W, C) as a PNG of eight bits a channel.
func encode(z *tensor.Tensor) (picture, error) {
	var b bytes.Buffer
	err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&b, spdiff.ToImage(z, 0))
	return picture{typePNG, b.Bytes()}, err
}
