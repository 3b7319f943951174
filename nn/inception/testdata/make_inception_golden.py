#!/usr/bin/python3
"""Makes inception.safetensors: what PyTorch says about Inception v3 with the pools of the FID network.

    apt install python3-torch python3-torchvision      # Debian's: PyTorch 1.13, torchvision 0.14, under /usr/bin/python3
    /usr/bin/python3 make_inception_golden.py

The network is torchvision's own; what FID's differs in is put in from outside: its average pools count no padding, and the
last block has a maximum for the mean. It runs in double precision; what is stored is rounded to float32 at the end.

No weights are stored: number i of tensor `name` is a formula of noise(name, i), integers hashed and scaled by powers of two,
which any language computes exactly. Images are bytes of noise, too. The file holds for each image, `HxWxC`, its features.

    /usr/bin/python3 make_inception_golden.py OUT.pth

writes the weights as PyTorch before 1.6 did, with those of the classifier, for TestExchange.

    /usr/bin/python3 make_inception_golden.py time BATCH THREADS ROUNDS

times the network in single precision, and prints the images a second of each round.
"""
import json
import math
import os
import struct
import sys
import time

import numpy as np
import torch
import torchvision
from torch.nn import functional as F
from torchvision.models import inception as theirs

HERE = os.path.dirname(os.path.abspath(__file__))
MASK = (1 << 64) - 1
IMAGES = [(28, 28, 1), (64, 64, 3), (299, 299, 3), (340, 90, 3), (2, 3, 1)]


def fnv(text):
    """FNV-1a, 64 bits."""
    h = 0xCBF29CE484222325
    for b in text.encode():
        h = (h ^ b) * 0x100000001B3 & MASK
    return h


def bits(name, n):
    """splitmix64 of fnv(name) + i, for i below n."""
    with np.errstate(over="ignore"):
        z = (np.arange(n, dtype=np.uint64) + np.uint64(fnv(name))) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ z >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ z >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
        return z ^ z >> np.uint64(31)


def noise(name, n):
    """Uniform numbers k/2^23 in [-1, 1)."""
    return ((bits(name, n) >> np.uint64(40)).astype(np.float64) - 2.0**23) / 2.0**23


def formula(name, shape):
    """Tensor `name`, in float32: u * sqrt(6 / fan in) for a kernel, u/4 about 0 or 1 for a normalisation, 1 + u/2 for a variance."""
    u = noise(name, math.prod(shape))
    if len(shape) == 4:
        u = u * math.sqrt(6 / math.prod(shape[1:]))
    elif name.endswith("running_var"):
        u = 1 + u / 2
    else:
        u = (1.0 if name.endswith("weight") else 0.0) + u / 4
    return torch.from_numpy(u.reshape(shape).astype(np.float32))


def image(h, w, c):
    """Bytes of noise."""
    return (bits("%dx%dx%d" % (h, w, c), h * w * c) >> np.uint64(56)).astype(np.uint8).reshape(h, w, c)


class Pools:
    """torch.nn.functional for torchvision's blocks, with the pools of the FID network."""

    largest = False

    def __getattr__(self, name):
        return getattr(F, name)

    def avg_pool2d(self, x, kernel_size, stride, padding):
        if self.largest:
            return F.max_pool2d(x, kernel_size, stride, padding)
        return F.avg_pool2d(x, kernel_size, stride, padding, count_include_pad=False)


def network():
    pools = theirs.F = Pools()
    net = torchvision.models.inception_v3(weights=None, aux_logits=False, transform_input=False, init_weights=False).eval()
    net.fc = torch.nn.Identity()
    net.Mixed_7c.register_forward_pre_hook(lambda *_: setattr(pools, "largest", True))
    net.Mixed_7c.register_forward_hook(lambda *_: setattr(pools, "largest", False))
    state = {k: formula(k, tuple(v.shape)) for k, v in net.state_dict().items() if not k.endswith("num_batches_tracked")}
    net.load_state_dict(state, strict=False)
    return net


def features(net, pixels, dtype):
    """What FID's own code does with images of bytes: 0..1, 3 channels, 299x299 pixels, -1..1."""
    x = torch.from_numpy(pixels).permute(2, 0, 1).to(dtype)[None] / 255
    x = x.expand(1, 3, *x.shape[2:])
    x = F.interpolate(x, size=(299, 299), mode="bilinear", align_corners=False)
    return net(2 * x - 1)[0].numpy()


def save(path, tensors, metadata):
    header, data = {"__metadata__": metadata}, b""
    for name, t in tensors.items():
        raw = np.ascontiguousarray(t, "<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(t.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + data)


@torch.no_grad()
def golden():
    single = network()
    all32 = {s: features(single, image(*s), torch.float32) for s in IMAGES}
    net = single.double()
    out = {}
    for s in IMAGES:
        z = features(net, image(*s), torch.float64)
        out["%dx%dx%d" % s] = z.astype(np.float32)
        print(s, "mean %.4g largest %.4g; single precision is off by %.2g of it" % (z.mean(), z.max(), abs(all32[s] - z).max() / z.max()))
    save(os.path.join(HERE, "inception.safetensors"), out, {"torch": torch.__version__, "torchvision": torchvision.__version__})


@torch.no_grad()
def rate(batch, threads, rounds):
    torch.set_num_threads(threads)
    net = network()
    x = torch.randn(batch, 3, 299, 299)
    net(x)
    for _ in range(rounds):
        start = time.time()
        net(x)
        print(json.dumps({"peer": "torch", "case": "inception", "batch": batch, "threads": threads, "images_per_s": batch / (time.time() - start)}), flush=True)


if len(sys.argv) == 2:
    state = network().state_dict()
    state["fc.weight"], state["fc.bias"] = torch.zeros(1008, 2048), torch.zeros(1008)
    torch.save(state, sys.argv[1], _use_new_zipfile_serialization=False)
elif len(sys.argv) > 1:
    rate(*map(int, sys.argv[2:]))
else:
    golden()
