#include "network/network_kernels.hpp"

#include "lanes/instruction_sets.hpp"

namespace popflow {

template <class Real>
const NetworkKernels<Real>& network_kernels() {
  static const NetworkKernels<Real> kernels =
      xsimd::dispatch<InstructionSets>(MakeNetworkKernels{})(Real(0));
  return kernels;
}

template const NetworkKernels<float>& network_kernels();
template const NetworkKernels<double>& network_kernels();

}  // namespace popflow
