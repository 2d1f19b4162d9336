// Results files, checkpoints and files of samples, with whatever a NetCDF file may hold. The bytes
// are not the file's own: most changes of these are met by NetCDF's and HDF5's own code, which is
// not ours to test. They describe a file, in lines, and are written by the NetCDF library:
//
//     d NAME SIZE                 a dimension
//     v NAME TYPE DIMENSION ...   a variable; of TYPE o: opaque, 1000 bytes each, c: compound
//     a NAME t TEXT               a global attribute: text,
//     a NAME s TEXT               a string,
//     a NAME i NUMBER ...         64-bit integers,
//     a NAME f NUMBER ...         numbers

#include <charconv>
#include <sstream>
#include <vector>

#include <netcdf.h>

#include "popflow/results/checkpoint.hpp"
#include "popflow/results/decomposition.hpp"
#include "popflow/results/results.hpp"
#include "popflow/results/sweep_results.hpp"

#include "experiment/read_samples.hpp"
#include "harness.hpp"

using namespace popflow;

namespace {

nc_type type_of(int file, const std::string& name) {
  static const std::string plain = "bBcsSiIlLfdz";
  static const nc_type types[] = {NC_BYTE, NC_UBYTE, NC_CHAR,   NC_SHORT, NC_USHORT, NC_INT,
                                  NC_UINT, NC_INT64, NC_UINT64, NC_FLOAT, NC_DOUBLE, NC_STRING};
  const std::size_t at = name.size() == 1 ? plain.find(name) : std::string::npos;
  if (at != std::string::npos) return types[at];
  nc_type made = NC_DOUBLE;
  if (nc_inq_typeid(file, name.c_str(), &made) == NC_NOERR) return made;
  if (name == "o") nc_def_opaque(file, 1000, "o", &made);
  if (name == "C" && nc_def_compound(file, 400, "C", &made) == NC_NOERR)
    nc_insert_compound(file, made, "x", 0, NC_DOUBLE);
  if (name == "V") nc_def_vlen(file, "V", NC_DOUBLE, &made);
  return made;
}

template <class Number>
std::vector<Number> numbers(std::istringstream& line) {
  std::vector<Number> result;
  for (Number number; line >> number;) result.push_back(number);
  return result;
}

void add_attribute(int file, std::istringstream& line) {
  std::string name, kind, text;
  line >> name >> kind;
  if (kind == "i") {
    const auto values = numbers<long long>(line);
    nc_put_att_longlong(file, NC_GLOBAL, name.c_str(), NC_INT64, values.size(), values.data());
  } else if (kind == "f") {
    const auto values = numbers<double>(line);
    nc_put_att_double(file, NC_GLOBAL, name.c_str(), NC_DOUBLE, values.size(), values.data());
  } else {
    std::getline(line >> std::ws, text);
    const char* const string = text.c_str();
    if (kind == "s")
      nc_put_att_string(file, NC_GLOBAL, name.c_str(), 1, const_cast<const char**>(&string));
    else
      nc_put_att_text(file, NC_GLOBAL, name.c_str(), text.size(), string);
  }
}

// Adds the content of a line, if the library takes it.
void add(int file, std::istringstream line) {
  std::string what, name, type;
  line >> what;
  if (what == "a") return add_attribute(file, line);
  line >> name;
  int id = 0;
  if (what == "d") {
    std::size_t size = 0;
    line >> size;
    nc_def_dim(file, name.c_str(), size, &id);
  } else if (what == "v") {
    line >> type;
    std::vector<int> dimensions;
    for (std::string dimension; line >> dimension;)
      if (nc_inq_dimid(file, dimension.c_str(), &id) == NC_NOERR) dimensions.push_back(id);
    nc_def_var(file, name.c_str(), type_of(file, type), static_cast<int>(dimensions.size()),
               dimensions.data(), &id);
  }
}

bool write(const std::string& path, std::string_view description) {
  int file = 0, before = 0;
  if (nc_create(path.c_str(), NC_NETCDF4 | NC_CLOBBER, &file) != NC_NOERR) return false;
  nc_set_fill(file, NC_NOFILL, &before);  // a huge variable takes no room where it has no numbers
  std::istringstream lines{std::string(description)};
  for (std::string line; std::getline(lines, line);) add(file, std::istringstream(line));
  return nc_close(file) == NC_NOERR;
}

template <class Reader>
void attempt(const Reader& read) {
  try {
    read();
  } catch (const InvalidResults& refused) {
    fuzz::check_message(refused.what());
  } catch (const InvalidSamples& refused) {
    fuzz::check_message(refused.what());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::string path = (fuzz::scratch() / "results.nc").string();
  if (!write(path, fuzz::text_of(data, size))) return 0;
  attempt([] { read_results(path); });
  attempt([] { read_decomposition(path); });
  attempt([] { read_sweep_map(path); });
  attempt([] { read_checkpoint(path, {"x", "", "1", "r"}); });
  attempt([] { read_netcdf_samples(path, "weights", Torus({2, 3})); });
  return 0;
}
