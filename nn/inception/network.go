package inception

// layers are what the network is made of, on feature maps of type T: numbers, shapes, nodes of a graph.
type layers[T any] interface {
	// conv is the convolution with the named weights, to channels channels, without bias; batch normalisation; and ReLU.
	conv(x T, name string, channels int, w window) T
	// meanConv is conv with a 1×1 window of the means of x over 3×3 pixels. Only pixels on the image count.
	meanConv(x T, name string, channels int) T
	// max is the largest of 3×3 pixels, each stride pixels; with pad, windows reach one pixel beyond the image.
	max(x T, stride int, pad bool) T
	// join puts the channels of maps one after another.
	join(x ...T) T
}

// A window is that of a convolution: h×w pixels, each stride pixels. All windows lie within the image, or, if same, the image is
// padded with zeros so that there is one about each pixel.
type window struct {
	h, w, stride int
	same         bool
}

func same(h, w int) window          { return window{h, w, 1, true} }
func valid(size, stride int) window { return window{size, size, stride, false} }

// network applies Inception v3, as far as the features, to images x (N, 299, 299, 3): (N, 8, 8, 2048). The names are torchvision's;
// the pools of the mixed blocks are those of the network of 2015 that FID is defined by, see the package's documentation.
func network[T any](l layers[T], x T) T {
	x = l.conv(x, "Conv2d_1a_3x3", 32, valid(3, 2))
	x = l.conv(x, "Conv2d_2a_3x3", 32, valid(3, 1))
	x = l.conv(x, "Conv2d_2b_3x3", 64, same(3, 3))
	x = l.max(x, 2, false)
	x = l.conv(x, "Conv2d_3b_1x1", 80, same(1, 1))
	x = l.conv(x, "Conv2d_4a_3x3", 192, valid(3, 1))
	x = l.max(x, 2, false)
	x = mixed5(l, x, "Mixed_5b.", 32)
	x = mixed5(l, x, "Mixed_5c.", 64)
	x = mixed5(l, x, "Mixed_5d.", 64)
	x = mixed6a(l, x, "Mixed_6a.")
	x = mixed6(l, x, "Mixed_6b.", 128)
	x = mixed6(l, x, "Mixed_6c.", 160)
	x = mixed6(l, x, "Mixed_6d.", 160)
	x = mixed6(l, x, "Mixed_6e.", 192)
	x = mixed7a(l, x, "Mixed_7a.")
	x = mixed7(l, x, "Mixed_7b.", l.meanConv)
	return mixed7(l, x, "Mixed_7c.", func(x T, name string, channels int) T {
		return l.conv(l.max(x, 1, true), name, channels, same(1, 1))
	})
}

// mixed5 is a block on 35×35 pixels.
func mixed5[T any](l layers[T], x T, at string, pooled int) T {
	a := l.conv(x, at+"branch1x1", 64, same(1, 1))
	b := l.conv(x, at+"branch5x5_1", 48, same(1, 1))
	b = l.conv(b, at+"branch5x5_2", 64, same(5, 5))
	c := l.conv(x, at+"branch3x3dbl_1", 64, same(1, 1))
	c = l.conv(c, at+"branch3x3dbl_2", 96, same(3, 3))
	c = l.conv(c, at+"branch3x3dbl_3", 96, same(3, 3))
	return l.join(a, b, c, l.meanConv(x, at+"branch_pool", pooled))
}

// mixed6a goes from 35×35 to 17×17 pixels.
func mixed6a[T any](l layers[T], x T, at string) T {
	a := l.conv(x, at+"branch3x3", 384, valid(3, 2))
	b := l.conv(x, at+"branch3x3dbl_1", 64, same(1, 1))
	b = l.conv(b, at+"branch3x3dbl_2", 96, same(3, 3))
	b = l.conv(b, at+"branch3x3dbl_3", 96, valid(3, 2))
	return l.join(a, b, l.max(x, 2, false))
}

// mixed6 is a block on 17×17 pixels, with the given number of channels between its long windows.
func mixed6[T any](l layers[T], x T, at string, between int) T {
	a := l.conv(x, at+"branch1x1", 192, same(1, 1))
	b := l.conv(x, at+"branch7x7_1", between, same(1, 1))
	b = l.conv(b, at+"branch7x7_2", between, same(1, 7))
	b = l.conv(b, at+"branch7x7_3", 192, same(7, 1))
	c := l.conv(x, at+"branch7x7dbl_1", between, same(1, 1))
	c = l.conv(c, at+"branch7x7dbl_2", between, same(7, 1))
	c = l.conv(c, at+"branch7x7dbl_3", between, same(1, 7))
	c = l.conv(c, at+"branch7x7dbl_4", between, same(7, 1))
	c = l.conv(c, at+"branch7x7dbl_5", 192, same(1, 7))
	return l.join(a, b, c, l.meanConv(x, at+"branch_pool", 192))
}

// mixed7a goes from 17×17 to 8×8 pixels.
func mixed7a[T any](l layers[T], x T, at string) T {
	a := l.conv(x, at+"branch3x3_1", 192, same(1, 1))
	a = l.conv(a, at+"branch3x3_2", 320, valid(3, 2))
	b := l.conv(x, at+"branch7x7x3_1", 192, same(1, 1))
	b = l.conv(b, at+"branch7x7x3_2", 192, same(1, 7))
	b = l.conv(b, at+"branch7x7x3_3", 192, same(7, 1))
	b = l.conv(b, at+"branch7x7x3_4", 192, valid(3, 2))
	return l.join(a, b, l.max(x, 2, false))
}

// mixed7 is a block on 8×8 pixels; its pool is of one kind or another.
func mixed7[T any](l layers[T], x T, at string, pool func(x T, name string, channels int) T) T {
	a := l.conv(x, at+"branch1x1", 320, same(1, 1))
	b := l.conv(x, at+"branch3x3_1", 384, same(1, 1))
	b = l.join(l.conv(b, at+"branch3x3_2a", 384, same(1, 3)), l.conv(b, at+"branch3x3_2b", 384, same(3, 1)))
	c := l.conv(x, at+"branch3x3dbl_1", 448, same(1, 1))
	c = l.conv(c, at+"branch3x3dbl_2", 384, same(3, 3))
	c = l.join(l.conv(c, at+"branch3x3dbl_3a", 384, same(1, 3)), l.conv(c, at+"branch3x3dbl_3b", 384, same(3, 1)))
	return l.join(a, b, c, pool(x, at+"branch_pool", 192))
}
