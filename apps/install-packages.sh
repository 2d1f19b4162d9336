#!/usr/bin/env bash
# Installs what popflow needs on Debian 12 and 13, and the packages named as arguments; does nothing (and
# needs no rights) when all are there.
set -euo pipefail

packages=(
  cmake g++ ninja-build pkg-config
  libeigen3-dev libfftw3-dev libboost-dev libfmt-dev libnetcdf-c++4-dev librandom123-dev libxsimd-dev
  libtomlplusplus-dev libcli11-dev nlohmann-json3-dev libboost-mpi-dev openmpi-bin
  gnuplot-nox
  "$@"
)

missing=()
for package in "${packages[@]}"; do
  status=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || true)
  [[ $status == installed* ]] || missing+=("$package")
done
[[ ${#missing[@]} == 0 ]] && exit 0

as_root=()
[[ $(id -u) == 0 ]] || as_root=(sudo)
export DEBIAN_FRONTEND=noninteractive
echo "Installing: ${missing[*]}"
"${as_root[@]}" apt-get update -q
"${as_root[@]}" apt-get install -q -y --no-install-recommends "${missing[@]}"
