package spdiff_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"maps"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"

	"spdiff"
	"spdiff/autodiff"
	"spdiff/tensor"
)

// A handler that denoises the picture which it is sent: bounded in bytes, and in pixels before there are any. A client that goes away
// ends its work, and what is wrong with the picture is told apart from what is wrong with the server.
func ExampleModel_Denoise_handler() {
	const mostBytes, mostPixels = 1 << 20, 1 << 18
	model, err := spdiff.Train(context.Background(), small(), stripes{}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	handler := func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, mostBytes))
		if err != nil {
			http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
			return
		}
		head, err := png.DecodeConfig(bytes.NewReader(body))
		if err == nil && head.Height > mostPixels/head.Width {
			http.Error(w, "too many pixels", http.StatusRequestEntityTooLarge)
			return
		}
		picture, err := png.Decode(bytes.NewReader(body))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		clean, _, err := model.Denoise(r.Context(), spdiff.FromImage(picture), spdiff.Denoising{Start: 0.3, Reversal: spdiff.Reversal{Steps: 5}})
		var fit *spdiff.ImageError
		switch {
		case errors.As(err, &fit):
			http.Error(w, err.Error(), http.StatusUnprocessableEntity)
		case err != nil:
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
		default:
			png.Encode(w, spdiff.ToImage(clean, 0))
		}
	}
	for _, side := range []int{8, 20, 5, 600} {
		grey := image.NewGray(image.Rect(0, 0, side, side))
		grey.SetGray(1, 2, color.Gray{Y: 200})
		var body bytes.Buffer
		if err := png.Encode(&body, grey); err != nil {
			fmt.Println(err)
			return
		}
		answer := httptest.NewRecorder()
		handler(answer, httptest.NewRequest("POST", "/", &body))
		fmt.Println(side, answer.Code)
	}
	// Output:
	// 8 200
	// 20 200
	// 5 422
	// 600 413
}

// A metric of a thousand images, of which a batch is in memory at a time; here only twenty, and their mean.
func ExampleModel_Samples() {
	ctx := context.Background()
	model, err := spdiff.Train(ctx, small(), stripes{}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	n, sum := 0, 0.0
	for drawn, err := range model.Samples(ctx, spdiff.Sampling{N: 20, Reversal: spdiff.Reversal{Seed: 7, Steps: 3}}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		for _, v := range drawn.Pixels.Data() {
			sum += float64(v)
		}
		n += drawn.Pixels.Len()
	}
	fmt.Println(n/64, "images,", sum/float64(n) > -1 && sum/float64(n) < 1)
	// Output: 20 images, true
}

// The loss on images that a model was not trained on, every twenty steps of its training, on the same draws of time and noise.
func ExampleModel_Loss() {
	ctx := context.Background()
	held := tensor.New(4, 8, 8, 1)
	for i := range 4 {
		stripes{}.Image(held.At(i).Data(), i)
	}
	c := small()
	c.Steps = 40
	var losses []float64
	_, err := spdiff.Train(ctx, c, stripes{}, func(t *spdiff.Trainer, s spdiff.Step) error {
		if s.Number%20 != 0 {
			return nil
		}
		loss, err := t.Model().Loss(ctx, held, spdiff.Evaluation{Seed: 3, Draws: 8})
		losses = append(losses, loss)
		return err
	})
	fmt.Println("it falls:", losses[1] < losses[0], err)
	// Output: it falls: true <nil>
}

// Early stopping: every five steps the loss on images that were held back; when it has not fallen three times, the best model stays.
func ExampleTrain_earlyStopping() {
	ctx := context.Background()
	held := tensor.New(4, 8, 8, 1)
	for i := range 4 {
		stripes{}.Image(held.At(i).Data(), i)
	}
	c := small()
	c.Steps, c.Rate.Rate = 200, 0.02
	var best *spdiff.Model
	least, worse, steps := math.Inf(1), 0, 0
	_, err := spdiff.Train(ctx, c, stripes{}, func(t *spdiff.Trainer, s spdiff.Step) error {
		if steps = s.Number; steps%5 != 0 {
			return nil
		}
		model := t.Model()
		loss, err := model.Loss(ctx, held, spdiff.Evaluation{Seed: 3})
		switch {
		case err != nil:
			return err
		case loss < least:
			best, least, worse = model, loss, 0
		default:
			worse++
		}
		if worse == 3 {
			return spdiff.ErrStop
		}
		return nil
	})
	fmt.Println("ended early:", best != nil && steps < c.Steps, err)
	// Output: ended early: true <nil>
}

// What a program reads that exports a model: the network in simple operations, and how its output is used at a time.
func ExampleModel_Graph() {
	model, err := spdiff.Train(context.Background(), small(), stripes{}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	g := model.Graph(1)
	seen, operations := map[*autodiff.Node]bool{}, map[string]bool{}
	var walk func(n *autodiff.Node)
	walk = func(n *autodiff.Node) {
		if !seen[n] {
			seen[n], operations[n.Op()] = true, true
			for _, a := range n.Args() {
				walk(a)
			}
		}
	}
	walk(autodiff.Simplify(g.Output)[0])
	c, time := model.Coefficients(0.5)
	fmt.Println(g.X.Shape(), "becomes", g.Output.Shape(), "by", slices.Sorted(maps.Keys(operations)))
	fmt.Printf("D = %.0f·x + %.0f·F(%.0f·x, %.0f)\n", c.Skip, c.Out, c.In, time)
	// Output:
	// 1×8×8×1 becomes 1×8×8×1 by [add batchmatmul concat constant conv cos div expand gather input mul reshape scale shift sigmoid sin slice softmax sqrt sub sumto transpose variable]
	// D = 0·x + 1·F(1·x, 500)
}
