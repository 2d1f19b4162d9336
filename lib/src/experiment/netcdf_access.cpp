#include "popflow/experiment/netcdf_access.hpp"

#include <cstdint>

#include <dlfcn.h>
#include <netcdf.h>

namespace popflow {

namespace {

// NetCDF brings HDF5 along, but not for us to link with.
template <class Function>
Function* in_hdf5(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_DEFAULT, name));
}

// Read and set, for the stack of errors of this thread, the function that prints them and its
// argument.
constexpr std::int64_t default_stack = 0;
using GetHandler = int(std::int64_t stack, void** handler, void** argument);
using SetHandler = int(std::int64_t stack, void* handler, void* argument);

std::recursive_mutex& netcdf_in_use() {
  static std::recursive_mutex mutex;
  return mutex;
}

}  // namespace

NetcdfAccess::NetcdfAccess() : alone_(netcdf_in_use()) {
  // Before anything is kept to be restored: the thread that it starts in stays quiet.
  nc_initialize();
  if (auto* const get = in_hdf5<GetHandler>("H5Eget_auto2"))
    get(default_stack, &handler_, &argument_);
  if (auto* const set = in_hdf5<SetHandler>("H5Eset_auto2")) set(default_stack, nullptr, nullptr);
}

NetcdfAccess::~NetcdfAccess() {
  if (auto* const set = in_hdf5<SetHandler>("H5Eset_auto2"))
    set(default_stack, handler_, argument_);
}

}  // namespace popflow
