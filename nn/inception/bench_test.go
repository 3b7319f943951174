package inception

import (
	"context"
	"testing"

	"spdiff/tensor"
)

// The rate that counts: images of 299×299 pixels and three channels.
func BenchmarkOf(b *testing.B) {
	n, x := random(), tensor.New(batch, side, side, 3)
	for b.Loop() {
		n.Of(context.Background(), x)
	}
	b.ReportMetric(float64(batch*b.N)/b.Elapsed().Seconds(), "images/s")
}
