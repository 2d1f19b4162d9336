#include "popflow/lanes/instruction_set.hpp"

#include "lanes/dispatch.hpp"

namespace popflow {

namespace {

struct Name {
  template <class Arch>
  void operator()(Arch /*unused*/, std::string& name) const {
    name = Arch::name();
  }
};

}  // namespace

std::string instruction_set() {
  std::string name;
  dispatch(Name{}, name);
  return name;
}

}  // namespace popflow
