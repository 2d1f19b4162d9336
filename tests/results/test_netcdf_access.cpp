#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>

#include <boost/test/unit_test.hpp>
#include <dlfcn.h>
#include <fcntl.h>
#include <unistd.h>

#include "popflow/experiment/netcdf_access.hpp"
#include "popflow/results/results.hpp"

#include "scratch_folder.hpp"

BOOST_AUTO_TEST_SUITE(netcdf_access)

using namespace popflow;

namespace {

Results small_results() {
  Results results;
  results.kind = "flow";
  results.stop_reason = "reached_end";
  results.torus = Torus({4});
  results.time = {0.0, 1.0};
  results.runs = {{Weights::Ones(1, 4), Weights::Zero(1, 4)}};
  return results;
}

// The text that a function, and libraries below it, write to standard error.
template <class F>
std::string printed_by(const ScratchFolder& folder, const F& f) {
  const std::string file = folder.path("stderr");
  const int kept = dup(STDERR_FILENO), to = open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  dup2(to, STDERR_FILENO);
  f();
  dup2(kept, STDERR_FILENO);
  close(kept);
  close(to);
  std::ifstream stream(file);
  return {std::istreambuf_iterator<char>(stream), {}};
}

// The function that prints this thread's errors of HDF5; null if there is none.
void* printer() {
  using Get = int(std::int64_t, void**, void**);
  auto* const get = reinterpret_cast<Get*>(dlsym(RTLD_DEFAULT, "H5Eget_auto2"));
  BOOST_TEST_REQUIRE(get != nullptr);
  void *handler = nullptr, *argument = nullptr;
  get(0, &handler, &argument);
  return handler;
}

}  // namespace

BOOST_AUTO_TEST_CASE(results_are_written_and_read_without_a_word_from_any_thread) {
  const ScratchFolder folder;
  const std::string file = folder.path("a.nc");
  const auto use = [&file] {
    write_results(file, small_results());
    read_results(file);
  };
  const std::string printed = printed_by(folder, [&use] {
    use();
    std::thread(use).join();
    std::thread(use).join();
  });
  BOOST_TEST(printed == "");
}

BOOST_AUTO_TEST_CASE(messages_of_hdf5_are_left_as_a_thread_has_them) {
  { const NetcdfAccess started; }
  std::thread([] {
    void* const before = printer();
    BOOST_TEST(before != nullptr);
    {
      const NetcdfAccess access;
      BOOST_TEST(printer() == nullptr);
      { const NetcdfAccess within; }
      BOOST_TEST(printer() == nullptr);
    }
    BOOST_TEST(printer() == before);
  }).join();
}

BOOST_AUTO_TEST_CASE(one_thread_at_a_time_has_netcdf) {
  int inside = 0;
  bool alone = true;
  const auto use = [&] {
    for (int n = 0; n < 1000; ++n) {
      const NetcdfAccess access;
      alone = alone && ++inside == 1;
      --inside;
    }
  };
  std::thread a(use), b(use);
  a.join();
  b.join();
  BOOST_TEST(alone);
}

BOOST_AUTO_TEST_SUITE_END()
