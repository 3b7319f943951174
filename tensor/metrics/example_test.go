package metrics_test

import (
	"fmt"

	"spdiff/tensor"
	"spdiff/tensor/metrics"
)

// features returns n vectors of 8 numbers about a mean.
func features(n int, seed uint64, mean float32) *tensor.Tensor {
	x := tensor.New(n, 8)
	tensor.NewStream(seed, 0).Normal(x.Data(), 0)
	for i := range x.Data() {
		x.Data()[i] += mean
	}
	return x
}

// The Fréchet distance of two sets, one of them in two parts that could come from two machines.
func Example() {
	real := metrics.NewMoments("example", 8, 0, 0, 1)
	first, second := metrics.NewMoments("example", 8, 0, 0, 2), metrics.NewMoments("example", 8, 0, 1, 2)
	for m, x := range map[*metrics.Moments]*tensor.Tensor{
		real: features(5000, 1, 0), first: features(3000, 2, 0.5), second: features(2000, 3, 0.5),
	} {
		if err := m.Add(x); err != nil {
			fmt.Println(err)
			return
		}
	}
	generated, err := metrics.Merge(first, second)
	if err != nil {
		fmt.Println(err)
		return
	}
	a, _ := real.Statistics()
	b, err := generated.Statistics()
	if err != nil {
		fmt.Println(err)
		return
	}
	d, err := metrics.Distance(a, b) // 8 numbers, each 1/2 apart
	fmt.Printf("%.2f %v\n", d.Distance, err)
	d, err = metrics.Distance(a, a)
	fmt.Println(d.Distance, err)
	// Output:
	// 2.01 <nil>
	// 0 <nil>
}

func ExampleKernel_Distance() {
	d, err := metrics.Kernel{Subsets: 10, Size: 200}.Distance(features(1000, 1, 0), features(1000, 2, 0.5))
	fmt.Printf("%.1f ± %.1f %v\n", d.Mean, d.Error, err)
	// Output: 1.0 ± 0.0 <nil>
}

func ExampleSSIM_Of() {
	x, y := tensor.New(1, 28, 28, 1), tensor.New(1, 28, 28, 1)
	tensor.NewStream(1, 0).Normal(x.Data(), 0)
	for i, v := range x.Data() {
		y.Data()[i] = 0.9 * v
	}
	s, err := metrics.SSIM{Span: 2}.Of(x, y)
	fmt.Printf("%.3f %v\n", s[0], err)
	// Output: 0.990 <nil>
}
