#pragma once

#include <mutex>

namespace popflow {

/// Whoever opens a NetCDF file holds one of these from before it is opened until it is closed, in
/// the thread that uses it. One thread at a time has it, because NetCDF is not safe to use from
/// several, and others wait. Meanwhile HDF5 prints nothing from this thread: NetCDF tries what may
/// fail, and handles it, but turns HDF5's messages off only in the thread that it starts in. The
/// last one restores what it found.
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
