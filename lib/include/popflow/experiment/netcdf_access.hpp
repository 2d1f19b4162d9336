#pragma once

#include <mutex>

namespace popflow {

/// Access to NetCDF files. Code that opens a file holds one of these objects from before it opens
/// the file until after it has closed it, in the same thread. Only one thread at a time has access,
/// because NetCDF is not safe to use from several threads; others wait. Meanwhile HDF5 prints
/// nothing from this thread. NetCDF tries operations that may fail, and handles the failure, but it
/// turns HDF5's messages off only in the thread in which it starts. When the last object of a
/// thread is destroyed, the thread's setting is restored.
class NetcdfAccess {
 public:
  NetcdfAccess();
  NetcdfAccess(const NetcdfAccess&) = delete;
  NetcdfAccess& operator=(const NetcdfAccess&) = delete;
  ~NetcdfAccess();

 private:
  std::lock_guard<std::recursive_mutex> alone_;
  void* handler_ = nullptr;  // what printed HDF5's errors before, and its argument
  void* argument_ = nullptr;
};

}  // namespace popflow
