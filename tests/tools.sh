# The tools whose version is another on another system, named here and nowhere else: for the scripts
# of this folder to source. Debian 12 has clang 14, Debian 13 clang 19; elsewhere that of the name clang.

system=$(. /etc/os-release 2> /dev/null && echo "${ID:-}-${VERSION_ID:-}" || true)
case $system in
  debian-12) clang_version=-14 ;;
  debian-13) clang_version=-19 ;;
  *) clang_version= ;;
esac

# A compiler with sanitizers and fuzzers, and its packages.
clang=clang++$clang_version
clang_packages=("clang$clang_version" "libclang-rt$clang_version-dev")

# What building and running all tests takes beside the packages of the program.
test_packages=(libboost-test-dev python3-scipy python3-yaml doxygen pybind11-dev python3-dev
  python3-numpy python3-xarray python3-netcdf4 python3-pytest)

# What versions of these two say of the same code differs: 14 is asked, and no other. Empty where the
# system has none; the packages, where it has.
pinned=14
tool_packages() {
  if [[ $clang_version == "-$pinned" ]]; then printf '%s-%s ' "$@" "$pinned"; fi
}
pinned_tool() {
  local name
  for name in "$1-$pinned" "$1"; do
    if [[ $("$name" --version 2> /dev/null) == *"version $pinned."* ]]; then
      echo "$name"
      return
    fi
  done
}
