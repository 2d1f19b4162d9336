"""Samples per second of popflow's SGD and of a careful PyTorch script, run alternately.

    python3 validation/timing/sgd.py <build>/validation/bench_sgd [--rounds 5]

Needs Debian's python3-torch and libopenblas0-pthread. Both train K = 8 erf neurons online on NLGP
inputs, g = 3, xi = 8 / 1, minibatches of 1000, single precision, sampling included.
"""

import argparse
import json
import math
import statistics
import subprocess
import time

import numpy as np
import torch

K, B, GAIN, ETA = 8, 1000, 3.0, 0.05


def correlation(extent, xi):
    """The periodised Gaussian correlation along one axis."""
    r = np.arange(extent)[:, None] + extent * np.arange(-16, 17)[None, :]
    c = np.exp(-((r / xi) ** 2)).sum(1)
    return c / c[0]


def root(shape, xi):
    """The symmetric square root of the covariance, N x N."""
    n = math.prod(shape)
    axes = [correlation(extent, xi) for extent in shape]
    c = axes[0] if len(axes) == 1 else np.multiply.outer(axes[0], axes[1])
    kernel = np.fft.ifftn(np.sqrt(np.maximum(np.fft.fftn(c).real, 0.0))).real
    rows = [np.roll(kernel, np.unravel_index(i, shape), range(len(shape))).ravel() for i in range(n)]
    return np.array(rows)


class Trainer:
    """Online SGD with preallocated buffers, cached covariance roots and a hand-written gradient."""

    def __init__(self, shape):
        n = math.prod(shape)
        torch.manual_seed(1)
        # Gain and the sqrt 2 of erf are folded into the roots, 1 / Z into the weights' products.
        self.roots = [
            torch.tensor(root(shape, xi) * GAIN / math.sqrt(2), dtype=torch.float32)
            for xi in (8.0, 1.0)
        ]
        self.z = math.sqrt(2 / math.pi * math.asin(GAIN**2 / (1 + GAIN**2)))
        self.u = 0.1 / math.sqrt(n) * torch.randn(K, n)
        self.b = torch.tensor([-1.0] * (K // 2) + [1.0] * (K // 2))
        self.v = torch.full((K,), 1 / K)
        self.noise, self.x = torch.empty(B, n), torch.empty(B, n)
        self.pre, self.act = torch.empty(B, K), torch.empty(B, K)
        self.error, self.gradient = torch.empty(B), torch.empty(K, n)
        self.random = np.random.default_rng(1)

    @torch.no_grad()
    def step(self):
        plus = int(self.random.binomial(B, 0.5))
        self.noise.normal_()
        torch.mm(self.noise[:plus], self.roots[0], out=self.x[:plus])
        torch.mm(self.noise[plus:], self.roots[1], out=self.x[plus:])
        self.x.erf_()
        torch.addmm(self.b, self.x, self.u.t(), alpha=1 / self.z, out=self.pre)
        torch.mul(self.pre, 1 / math.sqrt(2), out=self.act)
        self.act.erf_()
        torch.mv(self.act, self.v, out=self.error)
        self.error[:plus] -= 1.0
        self.error[plus:] += 1.0
        torch.mul(self.pre, self.pre, out=self.act)
        self.act.mul_(-0.5).exp_().mul_(self.v).mul_(self.error[:, None])
        torch.mm(self.act.t(), self.x, out=self.gradient)
        self.u.sub_(self.gradient, alpha=ETA * math.sqrt(2 / math.pi) / (B * self.z))


def rate(shape, threads, seconds=1.0):
    torch.set_num_threads(threads)
    trainer = Trainer(shape)
    for _ in range(20):
        trainer.step()
    steps, start = 0, time.perf_counter()
    while time.perf_counter() - start < seconds:
        for _ in range(20):
            trainer.step()
        steps += 20
    return B * steps / (time.perf_counter() - start)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bench")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    shapes = {"100": (100,), "20 x 20": (20, 20)}
    counts = range(1, torch.get_num_threads() + 1)
    best = {name: max(counts, key=lambda t: rate(shape, t)) for name, shape in shapes.items()}
    rounds = []
    for _ in range(arguments.rounds):
        ours = json.loads(subprocess.run([arguments.bench, "--json"], check=True, text=True,
                                         capture_output=True).stdout)
        rounds.append({name: (ours[name], rate(shape, best[name])) for name, shape in shapes.items()})
    print("lattice   popflow/s  (double)   torch/s  threads   ratio  (double)   of limit  with FFT")
    for name in shapes:
        median = lambda f: statistics.median(f(*r[name]) for r in rounds)
        print(f"{name:>7}  {median(lambda o, t: o['single']):10.3g}  {median(lambda o, t: o['double']):8.3g}"
              f"  {median(lambda o, t: t):8.3g}  {best[name]:7d}"
              f"  {median(lambda o, t: o['single'] / t):6.1f}  {median(lambda o, t: o['double'] / t):8.1f}"
              f"  {median(lambda o, t: o['single'] / o['limit']):9.2f}"
              f"  {median(lambda o, t: o['single'] / o['limit_with_fft']):8.2f}")


if __name__ == "__main__":
    main()
