// The bytes of a NumPy file of samples on a small lattice.

#include "experiment/read_npy.hpp"
#include "experiment/read_samples.hpp"
#include "harness.hpp"

using namespace popflow;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Torus torus({2, 3});
  const std::string file = fuzz::write_scratch("fields.npy", fuzz::text_of(data, size));
  try {
    read_npy(file, torus);
  } catch (const InvalidSamples& refused) {
    fuzz::check_message(refused.what());
  }
  return 0;
}
