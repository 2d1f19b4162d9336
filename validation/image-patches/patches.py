#!/usr/bin/python3
"""Patches of a photograph, made periodic: without their mean brightness, and whitened; and of both the
signs, which are pictures of two tones.

    patches.py EXTENT COUNT

writes grey.npy, grey-white.npy, two-tone.npy and two-tone-white.npy, COUNT x EXTENT x EXTENT, into the
current folder. The photograph is the raccoon that SciPy ships as scipy.misc.face up to version 1.11
(python3-scipy of Debian 12), 1024 x 768 sites; its docstring names the source, a photograph in the public
domain. Later versions of SciPy would download it: there the exit status is 77, and nothing is written.
"""

import sys
import warnings

import numpy as np
import scipy

warnings.filterwarnings("ignore", "scipy.misc", DeprecationWarning)
try:
    from scipy.misc import face
except ImportError:
    print(f"skipped: SciPy {scipy.__version__} does not ship the photograph; 1.11 and earlier do",
          file=sys.stderr)
    sys.exit(77)


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
    white = whitened(patches)
    patches -= patches.mean(axis=(1, 2), keepdims=True)
    middle = np.median(patches, axis=(1, 2), keepdims=True)  # as much of one tone as of the other
    np.save("grey.npy", patches)
    np.save("grey-white.npy", white)
    np.save("two-tone.npy", np.where(patches > middle, 1.0, -1.0))
    np.save("two-tone-white.npy", np.where(white > 0.0, 1.0, -1.0))



if __name__ == "__main__":
    main()
