package main

import (
	"fmt"

	pictures "spdiff/cmd/internal/picture"
	"spdiff/tensor"
)

// A clipped counts the numbers of a result that are at black or white where the image's were not (some were clipped to that), and says
// where the first is.
type clipped struct {
	Black int    `json:"black"`
	White int    `json:"white"`
	Of    int    `json:"of"`              // how many numbers there are
	First *place `json:"first,omitempty"` // of them; where none is clipped it is left out
}

// A place is one of a number in an image as it is shown, counted from 0.
type place struct {
	Row     int `json:"row"`
	Column  int `json:"column"`
	Channel int `json:"channel"`
}

// clippedOf compares a result (H, W, C) with the image before.
func clippedOf(z, before *tensor.Tensor) clipped {
	s := z.Shape()
	e := pictures.EndsOf(z.Data(), before.Data(), s[1], s[2])
	c := clipped{Black: e.Black, White: e.White, Of: e.Size}
	if e.Black+e.White > 0 {
		c.First = &place{e.Row, e.Column, e.Channel}
	}
	return c
}

// header returns it as a dictionary of structured fields (RFC 8941).
func (c clipped) header() string {
	text := fmt.Sprintf("black=%d, white=%d, of=%d", c.Black, c.White, c.Of)
	if c.First != nil {
		text += fmt.Sprintf(", row=%d, column=%d, channel=%d", c.First.Row, c.First.Column, c.First.Channel)
	}
	return text
}
