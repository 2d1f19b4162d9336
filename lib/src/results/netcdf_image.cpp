#include "results/netcdf_image.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <stdexcept>

#include <dlfcn.h>
#include <fmt/core.h>
#include <netcdf.h>

namespace popflow {

namespace {

// HDF5 in the way that NetCDF brings it along: to be called, but not to be linked with.
using Id = std::int64_t;
constexpr Id all_files = 0x1f;            // H5F_OBJ_ALL
constexpr unsigned file_objects = 0x01;   // H5F_OBJ_FILE
constexpr int with_mounted_files = 1;     // H5F_SCOPE_GLOBAL
constexpr Id default_properties = 0;      // H5P_DEFAULT
constexpr std::size_t most_files = 1024;  // open at once

// `Signature` is that of HDF5's function of this name.
template <class Signature>
Signature* hdf5(const char* name) {
  if (void* const found = dlsym(RTLD_DEFAULT, name)) return reinterpret_cast<Signature*>(found);
  throw std::runtime_error(fmt::format("HDF5's function {} is not found", name));
}

void check(bool done) {
  if (!done) throw netCDF::exceptions::NcHdfErr("NetCDF: HDF error", __FILE__, __LINE__);
}

// HDF5's own number of the file that has this name.
Id file_named(const std::string& name) {
  std::array<Id, most_files> files{};
  const auto count = hdf5<std::ptrdiff_t(Id, unsigned, std::size_t, Id*)>("H5Fget_obj_ids")(
      all_files, file_objects, files.size(), files.data());
  const auto name_of = hdf5<std::ptrdiff_t(Id, char*, std::size_t)>("H5Fget_name");
  for (std::ptrdiff_t n = 0; n < count; ++n) {
    const Id file = files[static_cast<std::size_t>(n)];
    std::string found(name.size() + 1, '\0');
    if (name_of(file, found.data(), found.size()) == static_cast<std::ptrdiff_t>(name.size()) &&
        found.compare(0, name.size(), name) == 0)
      return file;
  }
  check(false);
  return 0;
}

std::string new_name() {
  static std::atomic<unsigned> count = 0;
  return fmt::format("/popflow/image-{}", count++);
}

}  // namespace

NetcdfImage::NetcdfImage() : name_(new_name()) {
  netCDF::ncCheck(nc_create(name_.c_str(), NC_NETCDF4 | NC_CLOBBER | NC_DISKLESS, &id_), __FILE__,
                  __LINE__);
}

NetcdfImage::~NetcdfImage() { nc_close(id_); }

// HDF5 keeps such a file in one piece of memory, to which its handle points. nc_close_memio, which
// would give it too, is only for files without the order of their variables, which NetCDF opens for
// reading alone, and copies it.
std::string_view NetcdfImage::bytes() const {
  netCDF::ncCheck(nc_sync(id_), __FILE__, __LINE__);
  const Id file = file_named(name_);
  check(hdf5<int(Id, int)>("H5Fflush")(file, with_mounted_files) >= 0);
  // Only its size: the copy would have the mark of a file that is being written taken off, but not
  // the checksum over it made anew.
  const auto size =
      hdf5<std::ptrdiff_t(Id, void*, std::size_t)>("H5Fget_file_image")(file, nullptr, 0);
  check(size > 0);
  void* handle = nullptr;
  check(hdf5<int(Id, Id, void**)>("H5Fget_vfd_handle")(file, default_properties, &handle) >= 0 &&
        handle != nullptr);
  return {*static_cast<const char**>(handle), static_cast<std::size_t>(size)};
}

}  // namespace popflow
