#!/usr/bin/python3
"""Makes the golden file of command import: a checkpoint of a small ADM U-Net, and what PyTorch makes of it.

    /usr/bin/python3 make_import_golden.py                  # Debian's python3-torch

writes ../cmd/import/testdata/adm.pt and adm.safetensors, of the network SMALL below, and

    /usr/bin/python3 make_import_golden.py ORDER OUT        # ORDER is legacy or new

writes OUT.pt and OUT.safetensors, of a larger one, whose attention's rows have that order. TestExchange in cmd/import runs
this if SPDIFF_PYTHON names a Python that has PyTorch.

The checkpoint is {'step': 5, 'state_dict': {'module.NAME': half}}, that is: in half precision, as DistributedDataParallel
names parameters. The network learns variances (out has twice the channels); its qkv and proj_out are 1x1 convolutions of
images, as in the code of consistency models, where ORDER is new, and of sequences, as in guided-diffusion, where it is
legacy. The other file has x (N,C,H,W), t, y and the first half of the channels of unet(x, t, y), z, and the configuration.
make_unet_golden.py says what the U-Net and the weights are.
"""
import math
import os
import sys

import torch
from torch.nn import functional as F

sys.dont_write_bytecode = True  # of the next module

import make_unet_golden as golden  # noqa: E402

SMALL = dict(image=8, cin=2, cout=4, width=4, mult=(1, 2), blocks=1, attention=(2,), head=4, classes=2, groups=2, kernel=3)
LARGER = dict(image=16, cin=3, cout=6, width=16, mult=(1, 2, 3), blocks=2, attention=(1, 4), head=8, classes=5, groups=8,
              kernel=3)


def new_order(p, name, cfg, x):
    """Attention as in QKVAttention: all q, then all k, then all v, each head by head; the weights of 1x1 convolutions."""
    n, c, height, width = x.shape
    heads, d = c // cfg["head"], cfg["head"]
    qkv = golden.conv(p, name + ".qkv", golden.norm(p, name + ".norm", x, cfg["groups"]), 3 * c, 1)
    q, k, v = (part.reshape(n * heads, d, height * width) for part in qkv.chunk(3, dim=1))
    weight = torch.softmax(torch.einsum("bct,bcs->bts", q, k) / math.sqrt(d), -1)
    a = torch.einsum("bts,bcs->bct", weight, v).reshape(n, c, height, width)
    return x + golden.conv(p, name + ".proj_out", a, c, 1)


def checkpoint(path, cfg, order):
    if order == "new":
        golden.attention = new_order
    x, t, y, _ = golden.problem(cfg, 2)
    p = golden.Parameters()
    with torch.no_grad():
        golden.unet(p, cfg, x, t, y)  # which makes the parameters
        halves = {k: v.detach().half() for k, v in p.items()}
        p.update({k: v.double() for k, v in halves.items()})
        z = golden.unet(p, cfg, x, t, y)
    torch.save({"step": 5, "state_dict": {"module." + k: v for k, v in halves.items()}}, path + ".pt")
    golden.save(path + ".safetensors", dict(x=x, t=t, y=y, z=z[:, : cfg["cin"]]), config=cfg)


if __name__ == "__main__":
    if len(sys.argv) == 3:
        checkpoint(os.path.abspath(sys.argv[2]), LARGER, sys.argv[1])
        sys.exit()
    here = os.path.join(golden.HERE, "..", "cmd", "import", "testdata")
    os.makedirs(here, exist_ok=True)
    checkpoint(os.path.join(here, "adm"), SMALL, "new")
