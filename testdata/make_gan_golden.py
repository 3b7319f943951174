#!/usr/bin/python3
"""Makes the golden files of the adversarial networks of package nn: what PyTorch says about them, in double precision.

    apt install python3-torch          # Debian's: PyTorch 1.13, under /usr/bin/python3
    /usr/bin/python3 make_gan_golden.py

writes, beside itself,

    gan_stages.safetensors      plain stages over the quarter turns
    gan_blocks.safetensors      residual blocks over the quarter turns and mirrors

Each has the weights (weight.NAME, expanded over the group) and buffers of a generator (g.) and a discriminator (d.), the
inputs of a step, and what comes of it: images in training and in use, the buffers afterwards, and for both losses the values
and the gradients by every parameter, of filters as (out, in, planes*taps): grad.LOSS.NAME. The discriminator's go through its
penalty, twice backward. Singular values are numpy's: sigma.NAME.

The networks are written down here as SP-GAN has them (Birrell et al. 2022), by plain convolutions with filters that are
turned one by one; nothing of the Go code is used.
"""
import numpy as np
import torch
from torch.nn import functional as F

from make_unet_golden import save, tensor

EPS = 1e-3  # of the batch norms


class C4:
    order = 4
    mul = staticmethod(lambda a, b: (a + b) % 4)
    inverse = staticmethod(lambda a: -a % 4)
    act = staticmethod(lambda a, x: torch.rot90(x, a, (-2, -1)))


class D4:
    """Elements r^k and s·r^k: first the turns, then the mirror."""
    order = 8

    @staticmethod
    def act(a, x):
        x = torch.rot90(x, a % 4, (-2, -1))
        return torch.flip(x, (-1,)) if a >= 4 else x

    @classmethod
    def find(cls, f):
        x = torch.arange(9.0).reshape(3, 3)
        return next(a for a in range(8) if torch.equal(cls.act(a, x), f(x)))

    @classmethod
    def mul(cls, a, b):
        return cls.find(lambda x: cls.act(a, cls.act(b, x)))

    @classmethod
    def inverse(cls, a):
        return next(b for b in range(8) if cls.mul(a, b) == 0)


class Net:
    """Parameters by name, made where they are first asked for; group convolutions; spectral norms."""

    def __init__(self, group, name):
        self.group, self.name, self.free, self.file, self.buffers, self.next = group, name, {}, {}, {}, {}
        self.training = True

    def parameter(self, name, *shape, scale=0.5, offset=0.0):
        if name not in self.free:
            self.free[name] = (tensor(self.name + name, *shape) * scale + offset).requires_grad_()
            self.file[name] = self.free[name].detach()
        return self.free[name]

    def buffer(self, name, *shape, offset=0.0):
        if name not in self.buffers:
            self.buffers[name] = tensor(self.name + name, *shape) * 0.5 + offset
        return self.buffers[name]

    def spectral(self, name, w):
        """w / sigma, w (out, ...), by one step of the power method, u and v taken as given."""
        m = w.flatten(1)
        u = self.buffer(name + "_u", m.shape[0], offset=0.1)
        v = F.normalize(m.detach().t() @ u, dim=0)
        u = F.normalize(m.detach() @ v, dim=0)
        self.next[name + "_u"] = u
        return w / (u @ m @ v)

    def conv(self, name, x, cin, cout, lifted, bias, size=3):
        """cin and cout are channels of a plane; those of all planes are (channel, element), element fastest."""
        g = self.group
        planes = g.order if lifted else 1
        psi = self.parameter(name + ".weight", cout, cin, planes * size * size)
        expand = lambda p: self.expand(p.reshape(cout, cin, planes, size, size))
        self.file[name + ".weight"] = expand(psi.detach())
        w = expand(self.spectral(name + ".weight", psi))
        b = None
        if bias:
            b = self.parameter(name + ".bias", cout).repeat_interleave(g.order)
            self.file[name + ".bias"] = b.detach()
        return F.conv2d(x, w, b, padding=size // 2)

    def expand(self, psi):
        """y_s = sum over r of conv(x_r, s·psi[s^-1 r])."""
        g, (cout, cin, planes, k, _) = self.group, psi.shape
        all = []
        for s in range(g.order):
            order = [g.mul(g.inverse(s), r) for r in range(g.order)] if planes > 1 else [0]
            all.append(g.act(s, psi[:, :, order]))
        return torch.stack(all, 1).reshape(cout * g.order, cin * planes, k, k)

    def dense(self, name, x, cin, cout, spectral=True):
        w, b = self.parameter(name + ".weight", cout, cin), self.parameter(name + ".bias", cout)
        return x @ self.spectral(name + ".weight", w).t() + b

    def norm(self, name, x, c, gain, bias):
        """Over images, pixels and planes; x (N, c*planes, H, W)."""
        n, wide, h, w = x.shape
        p = wide // c
        y = x.reshape(n, c, p, h, w)
        mean, var = self.buffer(name + ".running_mean", c), self.buffer(name + ".running_var", c, offset=1.0)
        if self.training:
            now = y.mean((0, 2, 3, 4)), y.var((0, 2, 3, 4), unbiased=False)
            self.next[name + ".running_mean"] = 0.9 * mean + 0.1 * now[0].detach()
            self.next[name + ".running_var"] = 0.9 * var + 0.1 * now[1].detach()
            mean, var = now
        shape = (1, c, 1, 1, 1)
        y = (y - mean.view(shape)) / (var.view(shape) + EPS).sqrt()
        full = lambda v: v.view(-1, c, 1, 1, 1)
        return (y * full(gain) + full(bias)).reshape(x.shape)

    def classnorm(self, name, x, c, code):
        gamma = self.dense(name + ".gamma", code, code.shape[1], c)
        beta = self.dense(name + ".beta", code, code.shape[1], c)
        return self.norm(name + ".norm", x, c, 1 + gamma, beta)


def pool(x, c):
    """The largest number over planes."""
    n, wide, h, w = x.shape
    return x.reshape(n, c, wide // c, h, w).amax(2)


def double(x):
    return F.interpolate(x, scale_factor=2, mode="nearest")


def plane(cfg, channels):
    return max(1, int(channels / cfg["group"].order ** 0.5))


def generate(net, cfg, z, y, k):
    g, stages = net.group, [plane(cfg, c) for c in cfg["generator"]]
    side, seed = cfg["image"] >> (len(stages) - 1), cfg["seed"]
    code = torch.cat([z, net.parameter("label.weight", cfg["classes"], cfg["label"])[y]], 1)
    x = net.dense("dense", code, code.shape[1], seed * side * side).reshape(-1, side, side, seed).permute(0, 3, 1, 2)
    x = torch.stack([g.act(int(a), v) for a, v in zip(k, x)])
    c = seed
    for i, out in enumerate(stages):
        name, last = f"stages.{i}", i == len(stages) - 1
        if cfg["residual"]:
            up = (lambda v: v) if last else double
            h = up(F.relu(net.classnorm(name + ".norm1", x, c, code)))
            h = net.conv(name + ".conv1", h, c, out, i > 0, False)
            h = F.relu(net.classnorm(name + ".norm2", h, out, code))
            x = net.conv(name + ".skip", up(x), c, out, i > 0, False, 1) + net.conv(name + ".conv2", h, out, out, True, False)
        elif i == 0:
            x = F.relu(net.conv(name + ".conv", x, c, out, False, True))
        else:
            x = F.relu(net.classnorm(name + ".norm", net.conv(name + ".conv", double(x), c, out, True, False), out, code))
        c = out
    if cfg["residual"]:
        gain, bias = net.parameter("norm.weight", c, offset=1.0), net.parameter("norm.bias", c)
        net.file["norm.weight"], net.file["norm.bias"] = (v.detach().repeat_interleave(g.order) for v in (gain, bias))
        x = F.relu(net.norm("norm", x, c, gain[None], bias[None]))
    return torch.tanh(pool(net.conv("out", x, c, cfg["out"], True, False), cfg["out"]))


def judge(net, cfg, x, y):
    c, stages = cfg["out"], [plane(cfg, c) for c in cfg["critic"]]
    for i, out in enumerate(stages):
        name = f"stages.{i}"
        if cfg["residual"]:
            h = F.relu(net.conv(name + ".conv1", F.relu(x), c, out, i > 0, True))
            h = F.max_pool2d(net.conv(name + ".conv2", h, out, out, True, True), 2)
            x = F.max_pool2d(net.conv(name + ".skip", x, c, out, i > 0, True, 1), 2) + h
        else:
            x = F.leaky_relu(net.conv(name + ".conv", x, c, out, i > 0, True), 0.2)
            if i < len(stages) - 1:
                x = F.avg_pool2d(x, 2)
        c = out
    if cfg["residual"]:
        x = F.relu(x)
    x = pool(x, c).mean((2, 3))
    table = net.parameter("head.embedding.weight", cfg["classes"], c)
    if cfg["residual"]:
        table = net.spectral("head.embedding.weight", table.t()).t()
    return net.dense("head.linear", x, c, 1) + (x * table[y]).sum(1, keepdim=True)


def relativistic(x, y):
    up, down = torch.sigmoid(x - y.mean()), torch.sigmoid(y - x.mean())
    return -(up + 1e-6).log().mean() - (1 - down + 1e-6).log().mean()


def value(x, y, alpha):
    p = alpha / (alpha - 1)
    star = F.relu(y) ** p * (alpha - 1) ** p / alpha + 1 / (alpha * (alpha - 1))
    return x.mean() - star.mean()


def squares(d, x):
    return torch.autograd.grad(d.sum(), x, create_graph=True)[0].square().sum((1, 2, 3))


LOSSES = dict(
    relativistic=(relativistic, lambda x, y: relativistic(y, x), lambda s: 0.1 * 0.5 * s.mean()),
    divergence=(lambda x, y: -value(x, y, 2), lambda x, y: value(x, y, 2), lambda s: 10 * F.relu(s - 1).mean()),
    alpha=(lambda x, y: -value(x, y, 3.5), lambda x, y: value(x, y, 3.5), lambda s: 10 * F.relu(s - 1).mean()),
)


def golden(name, cfg):
    n, side = 4, cfg["image"]
    g, d = Net(cfg["group"], "g."), Net(cfg["group"], "d.")
    z, x = tensor("z", n, cfg["latent"]), tensor("x", n, cfg["out"], side, side)
    u = tensor("u", n, 1, 1, 1) * 0.5 + 0.5
    y, fy, k = torch.tensor([0, 1, 2, 1]), torch.tensor([2, 2, 0, 1]), torch.tensor([3, 0, 1, 2]) + (4 if cfg["group"] is D4 else 0)
    out = dict(z=z, x=x, u=u, y=y, fy=fy, k=k)
    images = generate(g, cfg, z, fy, k)
    judge(d, cfg, x, y)  # makes its parameters
    for kind, (critic, generator, penalty) in LOSSES.items():
        times = 1 if kind == "relativistic" else 32  # so steep that the penalty on one side is not 0
        score = lambda x, y: times * judge(d, cfg, x, y)
        at = u * x + (1 - u) * images.detach() if kind != "relativistic" else x
        at = at.detach().requires_grad_()
        loss = critic(score(x, y), score(images.detach(), fy))
        extra = penalty(squares(score(at, y), at))
        back = torch.autograd.grad(loss + extra, list(d.free.values()))
        out.update({f"grad.{kind}.d.{p}": v for p, v in zip(d.free, back)})
        gloss = generator(score(x, y), score(images, fy))
        back = torch.autograd.grad(gloss, list(g.free.values()), retain_graph=True)
        out.update({f"grad.{kind}.g.{p}": v for p, v in zip(g.free, back)})
        out["loss." + kind] = torch.stack([loss, extra, gloss])
    for net in (g, d):
        out.update({f"weight.{net.name}{p}": v for p, v in net.file.items()})
        out.update({f"weight.{net.name}{p}": v for p, v in net.buffers.items()})
        out.update({f"next.{net.name}{p}": v for p, v in net.next.items()})
        for p in net.next:
            if p.endswith("_u"):
                w = net.free[p[:-2]].detach()
                w = w if "embedding" not in p else w.t()
                out[f"sigma.{net.name}{p[:-2]}"] = np.linalg.svd(w.flatten(1).numpy(), compute_uv=False)[:1]
    out["images"] = images
    g.training = False
    out["used"] = generate(g, cfg, z, fy, k)
    out["judged"] = judge(d, cfg, x, y)
    save(name, {key: v.detach() if torch.is_tensor(v) else v for key, v in out.items()})


SMALL = dict(image=12, out=2, classes=3, latent=5, label=4, seed=6, generator=(8, 4, 4), critic=(4, 8, 8))

if __name__ == "__main__":
    torch.set_num_threads(1)
    golden("gan_stages.safetensors", dict(SMALL, group=C4, residual=False))
    golden("gan_blocks.safetensors", dict(SMALL, group=D4, residual=True, image=16))
