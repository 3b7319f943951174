package nn_test

import (
	"fmt"
	"math"

	"spdiff/autodiff"
	"spdiff/group"
	"spdiff/nn"
)

// A network over the quarter turns, at an image and at the image turned.
func ExampleUNet() {
	config := nn.UNetConfig{Group: group.C4, ImageHeight: 8, ImageWidth: 8, In: 1, Out: 1, Width: 8, Mult: []int{1, 2},
		Blocks: 1, Attention: []int{2}, Head: 8, Groups: 4, Kernel: 3}
	net, err := nn.NewUNet(config)
	if err != nil {
		fmt.Println(err)
		return
	}
	net.Init(1)
	for _, p := range net.Params() {
		for i, v := range p.Value.Data() {
			p.Value.Data()[i] = v + 0.01 // the network starts as zero, which would prove nothing
		}
	}

	x, t := autodiff.Input("x", 1, 8, 8, 1), autodiff.Input("t", 1)
	z := net.Apply(x, &nn.Conditions{Time: t})
	w := autodiff.Compile(z).NewWorkspace()
	w.Prepare()
	w.Input(t)[0] = 300

	image := make([]float32, 64)
	for i := range image {
		image[i] = float32(math.Sin(float64(i * i)))
	}
	size := group.Images{N: 1, H: 8, W: 8, C: 1}
	d := group.Check(group.C4, func(z_, x_ []float32) {
		copy(w.Input(x), x_)
		w.Run()
		copy(z_, w.Output(z))
	}, image, size, size)
	fmt.Println(config.Parameters(), "parameters; f(g·x) and g·f(x) have", d)
	// Output: 28697 parameters; f(g·x) and g·f(x) have equal bits
}

// The preset digits-s with regular features over the quarter turns: as wide as the plain network, with a quarter of its weights.
func ExampleUNetConfig_Fitted() {
	c := nn.DigitsS()
	plain := c.Parameters()
	c.Group, c.Features = group.C4, nn.Regular
	fitted := c.Fitted()
	fmt.Printf("%d parameters instead of %d; %d groups, heads of %d channels\n", c.Parameters(), plain, fitted.Groups, fitted.Head)
	// Output: 495953 parameters instead of 1921601; 8 groups, heads of 16 channels
}

// A preset that does not fit the image says why.
func ExampleUNetConfig_Validate() {
	c := nn.DigitsS()
	c.Mult = []int{1, 2, 2, 2}
	fmt.Println(c.Validate())
	// Output: unet: image is 28×28; level 3 is 3.5 pixels wide: 2 halvings fit (28→14→7); 32×32 would do
}
