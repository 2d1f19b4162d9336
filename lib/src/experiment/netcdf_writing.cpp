#include "experiment/netcdf_writing.hpp"

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <system_error>

#include <fmt/core.h>
#include <netcdf.h>
#include <netcdf_mem.h>

#include "popflow/experiment/output_file.hpp"

#include "experiment/netcdf_reason.hpp"

namespace popflow {

namespace {

// A NetCDF-4 file in memory.
class Image {
 public:
  Image() { check(nc_create_mem("image", NC_NETCDF4, 0, &id_)); }
  Image(const Image&) = delete;
  Image& operator=(const Image&) = delete;
  ~Image() {
    if (!closed_.memory) nc_abort(id_);
    std::free(closed_.memory);
  }

  netCDF::NcGroup root() const { return {id_}; }

  void close() { check(nc_close_memio(id_, &closed_)); }

  // Once it is closed.
  const char* bytes() const { return static_cast<const char*>(closed_.memory); }
  std::size_t size() const { return closed_.size; }

 private:
  static void check(int status) { netCDF::ncCheck(status, __FILE__, __LINE__); }

  int id_ = 0;
  NC_memio closed_{};
};

[[noreturn]] void fail(const std::string& path, const std::string& reason) {
  throw std::runtime_error(fmt::format("{}: cannot be written: {}", path, reason));
}

}  // namespace

void write_netcdf(const std::string& path, const std::function<void(netCDF::NcGroup&)>& write) {
  OutputFile output(path);
  try {
    netCDF::NcFile file(output.temporary(), netCDF::NcFile::replace, netCDF::NcFile::nc4);
    write(file);
    file.close();
  } catch (const netCDF::exceptions::NcException& failure) {
    fail(path, reason(failure));
  }
  output.commit();
}

void write_netcdf_from_memory(const std::string& path,
                              const std::function<void(netCDF::NcGroup&)>& write) {
  OutputFile output(path);
  try {
    Image image;
    netCDF::NcGroup root = image.root();
    write(root);
    image.close();
    std::ofstream file(output.temporary(), std::ios::binary);
    file.write(image.bytes(), static_cast<std::streamsize>(image.size()));
    file.close();
    if (!file) fail(path, std::generic_category().message(errno));
  } catch (const netCDF::exceptions::NcException& failure) {
    fail(path, reason(failure));
  }
  output.commit();
}

Dimensions add_lattice(netCDF::NcGroup& file, const Torus& torus) {
  const auto rows = static_cast<std::size_t>(torus.rows());
  const auto columns = static_cast<std::size_t>(torus.columns());
  if (torus.dimensions() == 1) return {file.addDim("site", columns)};
  return {file.addDim("row", rows), file.addDim("column", columns)};
}

netCDF::NcVar add_variable(netCDF::NcGroup& file, const std::string& name,
                           const Dimensions& dimensions, const std::string& long_name,
                           const std::string& units) {
  netCDF::NcVar variable = file.addVar(name, netCDF::ncDouble, dimensions);
  variable.putAtt("long_name", long_name);
  variable.putAtt("units", units);
  return variable;
}

void put_strings(netCDF::NcGroup& file, const std::string& name, const Dimensions& dimensions,
                 const std::string& long_name, std::size_t count,
                 const std::function<std::string(std::size_t n)>& string_of) {
  std::vector<std::string> strings;
  std::vector<const char*> pointers;
  strings.reserve(count);
  for (std::size_t n = 0; n < count; ++n)
    pointers.push_back(strings.emplace_back(string_of(n)).c_str());
  netCDF::NcVar variable = file.addVar(name, netCDF::ncString, dimensions);
  variable.putAtt("long_name", long_name);
  variable.putVar(pointers.data());
}

void put_origin(netCDF::NcGroup& file, const Origin& origin, const std::string& path) {
  file.putAtt("kind", origin.kind);
  file.putAtt("seed", netCDF::ncInt64, static_cast<long long>(origin.seed));
  file.putAtt("experiment", origin.experiment);
  file.putAtt("overrides", origin.overrides);
  put_files(file, origin.files, path);
  put_provenance(file, origin.provenance);
}

// The folder is stated from the results file's own, so that both may move together, and the same
// run leaves the same file wherever it is.
void put_files(netCDF::NcGroup& file, const ExperimentFiles& files, const std::string& path) {
  const std::filesystem::path own = std::filesystem::absolute(behind_links(path)).parent_path();
  file.putAtt("experiment_file", files.file);
  file.putAtt("experiment_folder",
              files.folder.empty() ? "" : std::filesystem::relative(files.folder, own).string());
  file.putAtt("data_files", files.data);
}

void put_provenance(netCDF::NcGroup& file, const Provenance& provenance) {
  file.putAtt("popflow_version", provenance.version);
  file.putAtt("git_revision", provenance.git_revision);
  file.putAtt("compiler", provenance.compiler);
  file.putAtt("instruction_set", provenance.instruction_set);
  file.putAtt("command_line", provenance.command_line);
  file.putAtt("date", provenance.date);
}

}  // namespace popflow
