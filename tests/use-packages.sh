#!/usr/bin/env bash
# Installs the packages of a folder, as on a machine where nothing of popflow is, and uses the program,
# the library and the Python module from another folder: bash tests/use-packages.sh FOLDER
set -euo pipefail
sources=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
packages=("$(cd "$1" && pwd)"/{popflow,libpopflow-dev,python3-popflow}_*.deb)

as_root=()
[[ $(id -u) == 0 ]] || as_root=(sudo)
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -q
"${as_root[@]}" apt-get install -q -y --no-install-recommends --reinstall "${packages[@]}"
# Not of popflow: what compiles a program that uses it.
"${as_root[@]}" apt-get install -q -y --no-install-recommends g++ cmake make

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$sources"/tests/consume/{main.cpp,CMakeLists.txt} "$sources"/apps/examples/simple_model.py "$work"
cd "$work"
unset PYTHONPATH PKG_CONFIG_PATH CMAKE_PREFIX_PATH

echo "=== Program"
/usr/bin/popflow --version
/usr/bin/popflow init first.toml
/usr/bin/popflow flow first.toml -o theory.nc
bash -c 'source /usr/share/bash-completion/completions/popflow && complete -p popflow'

echo "=== Library, by pkg-config"
flags=$(pkg-config --cflags --libs popflow)
# shellcheck disable=SC2086  # several words
g++ -std=c++20 main.cpp $flags -o by_pkg_config
./by_pkg_config

echo "=== Library, by find_package"
cmake -S . -B build
cmake --build build
./build/consume

echo "=== Python module"
/usr/bin/python3 simple_model.py

echo "=== Terms"
for package in "${packages[@]}"; do
  name=$(basename "${package%%_*}")
  grep -q "linked with FFTW" "/usr/share/doc/$name/copyright"
  dpkg-deb --field "$package" Package Version Depends
done
echo "The packages work."
