#!/usr/bin/python3
"""Times a training step of SP-GAN in PyTorch, and prints one JSON line a preset, as cmd/bench does of the case of that name.

    apt install python3-torch          # Debian's: PyTorch 1.13, under /usr/bin/python3
    /usr/bin/python3 cmd/bench/peers/torch_gan.py [--threads 2] [--runs 5] [--preset gan-digits]
    go run ./cmd/bench -json -threads 2 gan/

A step is two updates of the discriminator, each with images generated for it, the relativistic loss and R1, and one of the
generator: the same as spdiff.GANTrainer's, in float32, on the networks of testdata/make_gan_golden.py with PyTorch's own
batch norm. peak_rss_mib is the whole process's.
"""
import argparse
import json
import os
import resource
import sys
import time

import torch
from torch.nn import functional as F

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "testdata"))
from make_gan_golden import C4, Net, generate, judge, relativistic, squares  # noqa: E402

WIDTHS = {"gan-digits": ((128, 64, 32), (32, 64, 128)), "gan-digits-paper": ((512, 256, 128), (128, 256, 512))}


class Network(Net):
    """In float32, with a fused batch norm; singular vectors go on from step to step."""

    def parameter(self, name, *shape, scale=0.5, offset=0.0):
        if name not in self.free:
            self.free[name] = (torch.randn(*shape) * 0.05 + offset).requires_grad_()
        return self.free[name]

    def buffer(self, name, *shape, offset=0.0):
        if name not in self.buffers:
            self.buffers[name] = torch.randn(*shape)
        return self.buffers[name]

    def conv(self, name, x, cin, cout, lifted, bias, size=3):
        g, planes = self.group, self.group.order if lifted else 1
        psi = self.parameter(name + ".weight", cout, cin, planes * size * size)
        w = self.expand(self.spectral(name + ".weight", psi).reshape(cout, cin, planes, size, size))
        b = self.parameter(name + ".bias", cout).repeat_interleave(g.order) if bias else None
        return F.conv2d(x, w, b, padding=size // 2)

    def norm(self, name, x, c, gain, bias):
        n, wide, h, w = x.shape
        y = F.batch_norm(x.reshape(n, c, wide // c * h, w), None, None, training=True, eps=1e-3)
        full = lambda v: v.view(-1, c, 1, 1)
        return torch.addcmul(full(bias), y, full(gain)).reshape(x.shape)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--runs", type=int, default=5)
    p.add_argument("--preset", choices=list(WIDTHS))
    a = p.parse_args()
    torch.set_num_threads(a.threads)
    for preset in [a.preset] if a.preset else WIDTHS:
        generator, critic = WIDTHS[preset]
        cfg = dict(group=C4, residual=False, image=28, out=1, classes=10, latent=64, label=64, seed=128, generator=generator, critic=critic)
        measure(preset, cfg, 64, a)


def measure(preset, cfg, n, a):
    torch.manual_seed(0)
    g, d = Network(C4, "g."), Network(C4, "d.")
    x, y = torch.rand(n, 1, 28, 28) * 2 - 1, torch.arange(n) % 10
    latent = lambda: (torch.randn(n, cfg["latent"]), y, torch.randint(0, 4, (n,)))
    with torch.no_grad():
        judge(d, cfg, generate(g, cfg, *latent()), y)  # makes the parameters
    og, od = (torch.optim.Adam(net.free.values(), rate, betas=(0, 0.9), eps=1e-7) for net, rate in ((g, 1e-4), (d, 4e-4)))

    def step():
        for _ in range(2):
            with torch.no_grad():
                fake = generate(g, cfg, *latent())
            real = x.clone().requires_grad_()
            score = judge(d, cfg, real, y)
            loss = relativistic(score, judge(d, cfg, fake, y)) + 0.05 * squares(score, real).mean()
            od.zero_grad(set_to_none=True)
            loss.backward()
            od.step()
            d.buffers.update(d.next)
        with torch.no_grad():
            score = judge(d, cfg, x, y)
        for v in d.free.values():
            v.requires_grad_(False)
        loss = relativistic(judge(d, cfg, generate(g, cfg, *latent()), y), score)
        og.zero_grad(set_to_none=True)
        loss.backward()
        og.step()
        g.buffers.update(g.next)
        for v in d.free.values():
            v.requires_grad_(True)

    step()
    best = min(timed(step) for _ in range(a.runs))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps(dict(peer="torch", case=f"gan/{preset}/train", batch=n, threads=a.threads, ms=1e3 * best, peak_rss_mib=peak)), flush=True)


def timed(f):
    start = time.perf_counter()
    f()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
