// Package torchfile reads the tensors of a file that PyTorch's torch.save wrote: a state dict, or a checkpoint that has one in it.
//
// Such a file is a zip archive, its entries stored as they are: the object as a pickle, data.pkl, and the numbers of each storage,
// data/KEY. Files of PyTorch before 1.6, which are pickles one after another, are read as well. A pickle is a program that may call anything. Here nothing is executed: the few operations that build texts, numbers,
// lists, tables and tensors are understood, with the globals of an allow-list (collections.OrderedDict, torch.FloatStorage and its
// like, torch._utils._rebuild_tensor_v2 and _rebuild_parameter), and whatever else a pickle asks for is an error that names it.
//
// What is read is a safetensors.File: the tensors in their order in the pickle, named by their way through tables and lists, with
// dots ("state_dict.out.2.weight"), as float32; other types are converted, whole numbers too, as BatchNorm's num_batches_tracked.
// Texts and numbers beside tensors are its metadata. Tensors may share storages and have any strides.
//
// Reading trusts nothing. The entries together are no larger than the file, a storage has exactly the bytes that its tensors claim,
// and no tensor reaches beyond; all tensors together, expanded ones too, have at most 4 numbers a byte of the file and 2²⁰ more;
// the pickle has at most 16 MiB, tables in tables go 32 deep, and names take at most 16 times the pickle. So memory stays below
// 17 times the file and 4 MiB, and some 300 times the pickle. Errors name the file, the tensor and what is wrong with it.
package torchfile
