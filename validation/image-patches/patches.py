#!/usr/bin/python3
"""Patches of a photograph, made periodic, as they are and whitened.

    patches.py EXTENT COUNT

writes patches.npy and white.npy, COUNT x EXTENT x EXTENT, into the current folder. The photograph is
the raccoon that SciPy ships as scipy.misc.face (Debian: python3-scipy), 1024 x 768 and in the public
domain (its docstring names the source, pixnio.com).
"""

import sys
import warnings

import numpy as np

from scipy.misc import face

# SciPy 1.10, which Debian 12 has, moves it to a module that downloads.
warnings.filterwarnings("ignore", "scipy.misc.face", DeprecationWarning)


def periodic_part(patches):
    """Takes off the smooth part that makes opposite edges differ (L. Moisan, Journal of Mathematical
    Imaging and Vision 39, 161, 2011): shifted around the torus, patches then have no seam."""
    jumps = np.zeros_like(patches)
    down = patches[:, -1, :] - patches[:, 0, :]
    right = patches[:, :, -1] - patches[:, :, 0]
    jumps[:, 0, :] += down
    jumps[:, -1, :] -= down
    jumps[:, :, 0] += right
    jumps[:, :, -1] -= right
    cosine = np.cos(2.0 * np.pi * np.fft.fftfreq(patches.shape[-1]))
    laplacian = 2.0 * (cosine[:, None] + cosine[None, :] - 2.0)
    laplacian[0, 0] = 1.0  # the sum of the jumps is 0
    smooth = np.fft.ifft2(np.fft.fft2(jumps) / laplacian).real
    return patches - smooth


def whitened(patches):
    """All modes divided by their root mean square: without correlations between sites."""
    modes = np.fft.fft2(patches - patches.mean())
    return np.fft.ifft2(modes / np.sqrt((np.abs(modes) ** 2).mean(axis=0))).real


def main():
    extent, count = int(sys.argv[1]), int(sys.argv[2])
    photograph = face(gray=True).astype(float)
    random = np.random.default_rng(1)
    rows = random.integers(0, photograph.shape[0] - extent + 1, count)
    columns = random.integers(0, photograph.shape[1] - extent + 1, count)
    patches = periodic_part(np.stack(
        [photograph[i:i + extent, j:j + extent] for i, j in zip(rows, columns)]))
    np.save("patches.npy", patches)
    np.save("white.npy", whitened(patches))


if __name__ == "__main__":
    main()
