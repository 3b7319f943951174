// Package autodiff builds graphs of tensor operations, differentiates them, and
// runs them.
//
// A graph is made of nodes: inputs, variables, constants, and operations on
// other nodes. Making a node computes nothing but its shape. Grad adds nodes
// that compute derivatives; they are like any others, so they can be
// differentiated again. Compile orders the nodes that some outputs need, plans
// the memory of all of them at once, and gives a Program, immutable and safe
// for concurrent use; a Workspace is the memory of one caller, and its Run
// allocates nothing.
//
//	x := autodiff.Input("x", 8)
//	w := autodiff.Variable(weights)
//	loss := autodiff.Mean(autodiff.Square(autodiff.Mul(x, w)))
//	dw := autodiff.Grad(loss, w)[0]
//	ws := autodiff.Compile(loss, dw).NewWorkspace()
//	copy(ws.Input(x), data)
//	ws.Prepare()
//	ws.Run()
//	use(ws.Output(dw))
//
// An operation is one struct, op: its shape, how it is computed, and its
// gradient stand together in one function, and a table of test cases has at
// least one for each. The order of every sum is documented and depends on
// shapes alone, so results have the same bits for any number of workers.
package autodiff
