"""Writes golden.npz and pytorch_fid.npz here: distances by numpy, scipy and skimage, of numbers made here. Needs python3-scipy and python3-skimage."""
import numpy as np
from scipy import linalg
from skimage import metrics

rng = np.random.default_rng(20)
out = {}


def features(n, d, decay):
    x = rng.standard_normal((n, d)) @ (rng.standard_normal((d, d)) * decay ** np.arange(d)) + rng.standard_normal(d)
    return x.astype(np.float32)


def frechet(a, b):
    m1, m2 = a.mean(0), b.mean(0)
    s1, s2 = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    root, _ = linalg.sqrtm(s1 @ s2, disp=False)
    return ((m1 - m2) ** 2).sum() + np.trace(s1) + np.trace(s2) - 2 * np.trace(root).real


def kid(x, y):
    k = lambda a, b: (a @ b.T / a.shape[1] + 1) ** 3
    n, m = len(x), len(y)
    kx, ky, kxy = k(x, x), k(y, y), k(x, y)
    return (kx.sum() - np.trace(kx)) / (n * (n - 1)) + (ky.sum() - np.trace(ky)) / (m * (m - 1)) - 2 * kxy.mean()


def manifold(real, fake, k=3):
    d = lambda a, b: np.sqrt(((a[:, None] - b[None]) ** 2).sum(-1))
    r, f = np.sort(d(real, real))[:, k], np.sort(d(fake, fake))[:, k]
    c = d(real, fake)
    return (c <= r[:, None]).any(0).mean(), (c <= f[None]).any(1).mean()


for i, (n, m, d, decay) in enumerate([(60, 50, 3, 1.0), (200, 150, 16, 0.9), (120, 100, 24, 0.95)]):
    a, b = features(n, d, decay), features(m, d, decay)
    a64, b64 = a.astype(np.float64), b.astype(np.float64)
    out[f"a{i}"], out[f"b{i}"] = a, b
    p, r = manifold(a64, b64)
    out[f"distances{i}"] = np.array([frechet(a64, b64), kid(a64, b64), p, r])
out["mu"], out["sigma"] = out["a1"].astype(np.float64).mean(0), np.cov(out["a1"].astype(np.float64), rowvar=False)

images = rng.integers(0, 256, (2, 3, 20, 17, 3)).astype(np.float32)
images[1] = np.clip(images[0] + rng.normal(0, 30, images[0].shape), 0, 255).astype(np.float32)
images[:, 2] = np.round(128 + 100 * np.sin(np.arange(20 * 17 * 3).reshape(20, 17, 3) / 9))
images[1, 2, 4, 5, 0] += 1
out["images"] = images.astype(np.uint8)
images = out["images"].astype(np.float64)
rows = []
for x, y in zip(images[0], images[1]):
    ssim = lambda **k: metrics.structural_similarity(x, y, data_range=255, channel_axis=2, **k)
    rows.append([
        metrics.mean_squared_error(x, y), metrics.peak_signal_noise_ratio(x, y, data_range=255), ssim(),
        ssim(gaussian_weights=True), ssim(gaussian_weights=True, use_sample_covariance=False, sigma=1.5)])
out["similarity"] = np.array(rows)
np.savez("golden.npz", **out)
np.savez_compressed("pytorch_fid.npz", mu=out["mu"], sigma=out["sigma"])
