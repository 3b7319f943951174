// Package onnx writes graphs as ONNX files (opset 17): those of package autodiff, by a walk over their simple operations, and
// what stands around them, node by node.
//
// A graph of autodiff is of so many images, and one of ONNX of any number. So it is built twice, for two images and for three, and
// the two are compared: where a dimension is k·2 in the one and k·3 in the other it is k times the batch, and everything else
// must be the same to the last bit, operations, attributes and constants. What depends on the batch in another way is a
// *BatchError, and never a file that is right for one size alone.
//
// What depends on weights and constants alone is evaluated when a graph is translated: tied kernels stand expanded in the file. The
// bytes of a file are a function of the graph.
package onnx
