package main

import (
	"bytes"
	"context"
	"image/jpeg"
	"image/png"
	"net/http"

	"spdiff"
	pictures "spdiff/cmd/internal/picture"
	"spdiff/tensor"
)

// A picture is an image as a file holds it.
type picture struct {
	Type string `json:"type"` // of the medium
	Data []byte `json:"data"` // in base64 where it is in JSON
}

const (
	typePNG  = "image/png"
	typeJPEG = "image/jpeg"
)

// look reads the header of a picture, and says what is wrong with one that is not to be decoded.
func look(ctx context.Context, file []byte, most int) error {
	head, err := pictures.ReadHeader(ctx, bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return problemf(http.StatusUnprocessableEntity, "the image cannot be read: %v", err)
	}
	if head.H > most/head.W {
		return problemf(http.StatusRequestEntityTooLarge, "the image has %d×%d pixels; at most %d in all are denoised here", head.H, head.W, most)
	}
	return nil
}

// decode returns a picture that look has seen, (H, W, C) with values in [−1, 1].
func decode(ctx context.Context, file []byte, channels int) (*tensor.Tensor, error) {
	m, err := pictures.Decode(ctx, bytes.NewReader(file), int64(len(file)), channels)
	if err != nil {
		return nil, problemf(http.StatusUnprocessableEntity, "the image cannot be read: %v", err)
	}
	z := tensor.New(m.H, m.W, m.C)
	m.Floats(z.Data())
	return z, nil
}

// typeOf returns the type in which a file is answered: its own, where it is one that is written.
func typeOf(file []byte) string {
	if bytes.HasPrefix(file, []byte("\xff\xd8")) {
		return typeJPEG
	}
	return typePNG
}

// encode returns an image (H, W, C) as a picture of that type, of eight bits a channel.
func encode(z *tensor.Tensor, kind string) (picture, error) {
	var b bytes.Buffer
	var err error
	if m := spdiff.ToImage(z, 0); kind == typeJPEG {
		err = jpeg.Encode(&b, m, &jpeg.Options{Quality: 95})
	} else {
		err = (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&b, m)
	}
	return picture{kind, b.Bytes()}, err
}
