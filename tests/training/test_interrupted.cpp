#include <atomic>

#include <boost/test/unit_test.hpp>

#include "popflow/input/ising_ring.hpp"
#include "popflow/input/phi4_chain.hpp"
#include "popflow/measure/kurtosis.hpp"
#include "popflow/measure/matching.hpp"
#include "popflow/measure/tiling.hpp"
#include "popflow/moments/interrupted.hpp"
#include "popflow/tensor/orbit_cumulant.hpp"
#include "popflow/training/evaluation.hpp"

BOOST_AUTO_TEST_SUITE(interrupted_training)

using namespace popflow;

// A long computation that is asked to stop, at once or on its way, ends by Interrupted.
BOOST_AUTO_TEST_CASE(long_computations_end_without_a_result_where_they_are_interrupted) {
  const Torus ring({8});
  const Task task = {{1, 1.0, IsingRing(ring, 1.0)}};
  Parameters parameters(1, 8);
  parameters.first().setOnes();
  const std::vector<Parameters> all{parameters};
  const Weights fields = Weights::Random(5, 8);
  FourierTransform fourier(ring);
  for (const int calls : {1, 3}) {
    std::atomic<int> asked = 0;
    const auto interrupted = [&] { return ++asked >= calls; };
    const auto restart = [&] { asked = 0; };
    BOOST_CHECK_THROW(phi4_chain(ring, {0.1, 0.5}, 1'000'000'000, 1, interrupted), Interrupted);
    restart();
    BOOST_CHECK_THROW(evaluate(task, {}, all, {{1, Purpose::evaluation}, 10'000}, interrupted),
                      Interrupted);
    restart();
    BOOST_CHECK_THROW(
        preactivation_kurtosis(task.front().input, fields, {.samples = 10'000}, interrupted),
        Interrupted);
    restart();
    BOOST_CHECK_THROW(tiling(ring, {{0.0, 1.0}, {0.0, 2.0}},
                             {.draws = 1000, .seed = 1, .interrupted = interrupted}),
                      Interrupted);
    restart();
    BOOST_CHECK_THROW(similarity_matrix(fourier, fields, fields, {true, true, interrupted}),
                      Interrupted);
    restart();
    BOOST_CHECK_THROW(OrbitCumulant(ring, fields.transpose()).squared_norm(interrupted),
                      Interrupted);
  }
}

BOOST_AUTO_TEST_SUITE_END()
