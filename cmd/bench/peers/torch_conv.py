#!/usr/bin/python3
"""Times 3×3 convolutions and their gradients in PyTorch's bf16, channels last, and prints one JSON line a case, as cmd/bench does.

    apt install python3-torch          # Debian's: PyTorch 1.13, under /usr/bin/python3
    /usr/bin/python3 cmd/bench/peers/torch_conv.py [--threads 1] [--runs 11]
    go run ./cmd/bench -json -threads 1 -precision bf16 conv3x3
"""
import argparse
import json
import time

import torch
from torch.nn import functional as F

CASES = [(32, 28), (64, 28), (128, 14), (256, 7), (64, 64), (128, 32), (128, 16), (128, 8)]  # channels, side


def best(f, runs):
    f()
    took = []
    for _ in range(runs):
        start = time.perf_counter()
        f()
        took.append(time.perf_counter() - start)
    return min(took)


def numbers(*shape):
    return torch.randn(*shape).to(torch.bfloat16).to(memory_format=torch.channels_last)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--threads", type=int, default=1)
    p.add_argument("--runs", type=int, default=11)
    a = p.parse_args()
    torch.set_num_threads(a.threads)
    for c, side in CASES:
        batch = max(1, 8 * 28 * 28 // (side * side))
        x, w, dz = numbers(batch, c, side, side), numbers(c, c, 3, 3), numbers(batch, c, side, side)

        def back(mask):
            return torch.ops.aten.convolution_backward(dz, x, w, None, [1, 1], [1, 1], [1, 1], False, [0, 0], 1, mask)

        for what, f in [("forward", lambda: F.conv2d(x, w, padding=1)), ("dx", lambda: back([True, False, False])),
                        ("dw", lambda: back([False, True, False]))]:
            s = best(f, a.runs)
            print(json.dumps({"peer": "torch", "case": f"conv3x3/c{c}/{side}px/{what}", "batch": batch, "threads": a.threads,
                              "ms": 1e3 * s, "gflops": 2e-9 * batch * side * side * c * c * 9 / s, "precision": "bf16"}), flush=True)


if __name__ == "__main__":
    main()
