#!/usr/bin/python3
"""Times PyTorch on cases of cmd/bench and prints one JSON line a figure, as `bench -json` does.

    apt install python3-torch          # Debian's: PyTorch 1.13, under /usr/bin/python3
    /usr/bin/python3 cmd/bench/peers/torch_bench.py unet  [--threads 2] [--preset digits-m] [--bf16] [--channels-last]
    /usr/bin/python3 cmd/bench/peers/torch_bench.py conv  [--threads 1] [--bf16] [--channels-last]
    go run ./cmd/bench -json -threads 1 unet conv3x3      # with -precision bf16 beside --bf16

--bf16 is storage in bf16 of convolutions, and autocast of networks, in which 1.13
fails. Each figure is the best of several runs after a warm-up; peak_rss_mib is the
whole process's, so run one preset a process when memory is the question.
"""
import argparse
import json
import resource
import time

import torch
from torch.nn import functional as F

from adm_unet import PRESETS, UNet, macs

CONVS = [(32, 28), (64, 28), (128, 14), (256, 7), (64, 64), (128, 32), (128, 16), (128, 8)]


def best(f, runs):
    f()
    out = []
    for _ in range(runs):
        t = time.perf_counter()
        f()
        out.append(time.perf_counter() - t)
    return min(out)


def say(**row):
    row["peak_rss_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps(row), flush=True)


def unet(args):
    for name in [args.preset] if args.preset else PRESETS:
        cfg, batch = PRESETS[name]
        torch.manual_seed(0)
        net = UNet(cfg)
        x = torch.randn(batch, cfg.cin, cfg.image, cfg.image)
        if args.channels_last:
            net, x = net.to(memory_format=torch.channels_last), x.to(memory_format=torch.channels_last)
        t, y = torch.rand(batch) * 1000, torch.zeros(batch, dtype=torch.long)
        work = 2e-9 * macs(cfg) * batch
        cast = lambda: torch.autocast("cpu", dtype=torch.bfloat16, enabled=args.bf16)
        with torch.no_grad(), cast():
            s = best(lambda: net(x, t, y), args.runs)
        say(peer="torch", case=f"unet/{name}/forward", batch=batch, threads=args.threads, ms=1e3 * s, gflops=work / s)
        opt = torch.optim.Adam(net.parameters(), 1e-4)

        def step():
            opt.zero_grad(set_to_none=True)
            with cast():
                loss = F.mse_loss(net(x, t, y).float(), x)
            loss.backward()
            opt.step()
        s = best(step, args.runs)
        say(peer="torch", case=f"unet/{name}/train", batch=batch, threads=args.threads, ms=1e3 * s, gflops=3 * work / s)


def conv(args):
    for c, side in CONVS:
        batch = max(1, 8 * 28 * 28 // (side * side))
        x = torch.randn(batch, c, side, side)
        w = torch.randn(c, c, 3, 3)
        dy = torch.randn(batch, c, side, side)
        if args.bf16:
            x, w, dy = x.bfloat16(), w.bfloat16(), dy.bfloat16()
        if args.channels_last:
            x, w, dy = (a.to(memory_format=torch.channels_last) for a in (x, w, dy))
        work = 2e-9 * batch * side * side * c * c * 9
        grad = torch.ops.aten.convolution_backward

        def back(mask):
            return lambda: grad(dy, x, w, None, [1, 1], [1, 1], [1, 1], False, [0, 0], 1, mask)
        for what, f in [("forward", lambda: F.conv2d(x, w, padding=1)), ("dx", back([True, False, False])),
                        ("dw", back([False, True, False]))]:
            s = best(f, args.runs)
            say(peer="torch", case=f"conv3x3/c{c}/{side}px/{what}", batch=batch, threads=args.threads,
                ms=1e3 * s, gflops=work / s)


if __name__ == "__main__":
    p = argparse.ArgumentParser()
    p.add_argument("what", choices=["unet", "conv"])
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--preset", choices=list(PRESETS))
    p.add_argument("--runs", type=int, default=7)
    p.add_argument("--channels-last", action="store_true")
    p.add_argument("--bf16", action="store_true")
    a = p.parse_args()
    torch.set_num_threads(a.threads)
    {"unet": unet, "conv": conv}[a.what](a)
