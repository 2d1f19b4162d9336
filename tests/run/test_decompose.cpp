#include <atomic>
#include <cmath>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>
#include <fmt/core.h>

#include "popflow/experiment/flow_cumulants.hpp"
#include "popflow/experiment/read.hpp"
#include "popflow/moments/cumulant_table.hpp"
#include "popflow/moments/interrupted.hpp"
#include "popflow/run/decompose.hpp"
#include "popflow/tensor/sample_cp.hpp"
#include "popflow/tensor/sample_cumulant.hpp"
#include "popflow/tensor/tiled_cumulant.hpp"

#include "good_experiment.hpp"
#include "scratch_folder.hpp"

BOOST_AUTO_TEST_SUITE(decompose_experiment)

using namespace popflow;

namespace {

Experiment experiment(std::vector<std::string> overrides) {
  const ScratchFolder folder;
  return read_experiment(folder.write("experiment.toml", good_experiment), overrides);
}

Decomposition decomposed(const std::vector<std::string>& overrides) {
  return decompose(experiment(overrides), [](const std::string&) {});
}

// Entry (0, a, b, c) of a form.
double entry(const Decomposition& d, int a, int b, int c) {
  if (d.tiled) return TiledFactors{d.torus, d.lambda, d.factors.transpose()}(a, b, c);
  double sum = 0.0;
  for (Eigen::Index r = 0; r < d.factors.rows(); ++r)
    sum += d.lambda[r] * d.factors(r, 0) * d.factors(r, a) * d.factors(r, b) * d.factors(r, c);
  return sum;
}

// |kappa - form| / |kappa| from the entries themselves. A form that is not tiled is compared over
// the whole tensor, site by site.
double whole_error(const Experiment& of, const Decomposition& d) {
  const CumulantTable table(combined_cumulant(of, decompose_spec(of)));
  const int n = d.torus.sites();
  double error = 0.0, norm = 0.0;
  for (int i = 0; i < (d.tiled ? 1 : n); ++i) {
    Decomposition seen = d;
    for (Eigen::Index r = 0; r < d.factors.rows(); ++r)
      seen.factors.row(r) =
          shifted(d.torus, d.factors.row(r).transpose(), d.torus.negate(i)).transpose();
    for (int a = 0; a < n; ++a)
      for (int b = 0; b < n; ++b)
        for (int c = 0; c < n; ++c) {
          error += std::pow(table(a, b, c) - entry(seen, a, b, c), 2);
          norm += std::pow(table(a, b, c), 2);
        }
  }
  return std::sqrt(error / norm);
}

void check_refusal(const std::vector<std::string>& overrides, const std::string& words) {
  BOOST_TEST_CONTEXT(overrides.front()) {
    BOOST_CHECK_EXCEPTION(decomposed(overrides), InvalidExperiment,
                          [&](const InvalidExperiment& error) {
                            return std::string(error.what()).find(words) != std::string::npos;
                          });
  }
}

}  // namespace

// 1e-6: the error is found from squares, whose rounding is 1e-15 of the whole.
BOOST_AUTO_TEST_CASE(error_is_that_of_all_entries, *boost::unit_test::tolerance(1e-6)) {
  for (const std::vector<std::string>& overrides :
       {std::vector<std::string>{"decompose.rank=2"},
        {"decompose.rank=2", "decompose.class=[0.5, -1]"},
        {"decompose.method=symmetric", "decompose.rank=5"},
        {"decompose.method=subspace", "decompose.rank=5"},
        {"decompose.samples=200", "decompose.rank=2"},
        {"decompose.samples=200", "decompose.method=symmetric", "decompose.rank=3"},
        {"decompose.samples=3000", "decompose.method=samples", "decompose.rank=3"}})
    BOOST_TEST_CONTEXT(overrides.back()) {
      const Decomposition d = decomposed(overrides);
      BOOST_TEST(d.relative_error == whole_error(experiment(overrides), d));
      BOOST_TEST(((d.factors.rowwise().norm().array() - 1.0).abs() < 1e-12).all());
    }
}

BOOST_AUTO_TEST_CASE(eigenvectors_are_stationary_and_no_shifts_of_one_another) {
  const Decomposition d = decomposed({"decompose.method=power", "decompose.rank=3"});
  BOOST_TEST(d.residual.size() == static_cast<std::size_t>(d.factors.rows()));
  // Along shifts by a fraction of a site the power method is slow, and may reach its last
  // iteration.
  for (const double residual : d.residual) BOOST_TEST(residual < 1e-4 * std::abs(d.lambda[0]));
  for (Eigen::Index r = 1; r < d.factors.rows(); ++r)
    BOOST_TEST(std::abs(d.lambda[r]) <= std::abs(d.lambda[r - 1]));
}

// The vectors are stationary for the cumulant of the samples themselves, whatever law they are
// from. Unlike that of the law, it changes when the vectors are moved to site 0.
BOOST_AUTO_TEST_CASE(eigenvectors_from_samples_are_stationary_somewhere) {
  const std::vector<std::string> overrides{"decompose.method=power", "decompose.samples=3000",
                                           "decompose.rank=2"};
  const Decomposition d = decomposed(overrides);
  BOOST_TEST(std::isnan(d.relative_error));
  const Experiment from = experiment(overrides);
  const int sites = d.torus.sites();
  Eigen::MatrixXd samples(sites, 3000), moved(sites, sites), image(sites, sites);
  fresh_samples(from.task[0].input, from.seed)(0, samples);
  SampleCumulant cumulant(samples);
  for (Eigen::Index r = 0; r < d.factors.rows(); ++r) {
    for (int s = 0; s < sites; ++s)
      moved.col(s) = shifted(d.torus, d.factors.row(r).transpose(), s);
    cumulant.contract(moved, image);
    const double residual = (image - d.lambda[r] * moved).colwise().norm().minCoeff();
    BOOST_TEST(residual < 1e-8 * std::abs(d.lambda[r]));
  }
}

BOOST_AUTO_TEST_CASE(samples_that_would_need_too_much_memory_are_refused) {
  for (const std::string method : {"tiled", "symmetric", "power"})
    check_refusal({"decompose.method=" + method, "decompose.samples=1000000000"},
                  "decompose.samples=1000000000: must be at most ");
}

BOOST_AUTO_TEST_CASE(error_of_entries_is_near_that_of_the_table) {
  const std::vector<std::string> overrides{"decompose.entries=4000"};
  const Decomposition d = decomposed(overrides);
  BOOST_REQUIRE(d.standard_error.has_value());
  // Four standard errors: false alarms 6e-5, and the seed is fixed.
  BOOST_TEST(std::abs(d.relative_error - whole_error(experiment(overrides), d)) <
             4.0 * *d.standard_error);
}

BOOST_AUTO_TEST_CASE(combined_cumulant_is_the_weighted_sum) {
  const Experiment both = experiment({"decompose.class=[2, -3]"});
  const FourthCumulant sum = combined_cumulant(both, decompose_spec(both)),
                       first = fourth_cumulant(both.task[0].input),
                       second = fourth_cumulant(both.task[1].input);
  for (const int a : {0, 1, 5})
    BOOST_TEST(sum(a, 2, 3) == 2.0 * first(a, 2, 3) - 3.0 * second(a, 2, 3));
}

BOOST_AUTO_TEST_CASE(a_clone_has_factors_from_samples_only) {
  const std::string clone = "class.0.input.model=gp-clone";
  check_refusal({clone}, "decompose.class: must have a class that is not Gaussian");
  const Decomposition d = decomposed({clone, "decompose.samples=100"});
  BOOST_TEST(std::isnan(d.relative_error));
  BOOST_TEST(d.factors.allFinite());
}

BOOST_AUTO_TEST_CASE(cumulants_that_cancel_are_refused) {
  for (const std::string method : {"tiled", "symmetric", "power", "subspace"})
    check_refusal({"decompose.class=[1, -1]", "class.0.input.correlation_length=1",
                   "class.0.input.wrapping=nearest", "decompose.method=" + method},
                  "decompose.class=[1, -1]: ");
}

BOOST_AUTO_TEST_CASE(templates_from_samples_may_be_asked_to_be_symmetric) {
  const Decomposition d = decomposed(
      {"decompose.samples=50", "decompose.rank=2", "decompose.symmetric_templates=true"});
  for (const auto& row : d.factors.rowwise()) {
    const Field t = row.transpose();
    BOOST_TEST((reflected(d.torus, t) - t).norm() < 1e-9);
  }
}

BOOST_AUTO_TEST_CASE(the_power_method_does_not_depend_on_the_scale,
                     *boost::unit_test::tolerance(1e-6)) {
  const Decomposition one = decomposed({"decompose.method=power"}),
                      tiny = decomposed({"decompose.method=power", "decompose.class=[1e-10, 0]"});
  BOOST_TEST(tiny.relative_error == one.relative_error);
}

BOOST_AUTO_TEST_CASE(lattices_too_large_for_a_method_are_refused) {
  check_refusal({"decompose.method=subspace", "lattice.shape=[70]"},
                "--set lattice.shape=[70]: must have at most 64 sites");
  check_refusal({"decompose.method=symmetric", "lattice.shape=[1000]"},
                "--set lattice.shape=[1000]: the cumulant table of 1000 sites needs");
}

// Whenever it is interrupted, a decomposition ends without a value.
BOOST_AUTO_TEST_CASE(an_interrupted_decomposition_has_no_value) {
  for (const char* method : {"tiled", "symmetric", "power", "subspace"})
    for (const int calls : {1, 3, 20}) {
      const Experiment given = experiment({fmt::format("decompose.method={}", method)});
      std::atomic<int> asked = 0;
      BOOST_CHECK_THROW(decompose(
                            given, [](const std::string&) {}, [&] { return ++asked >= calls; }),
                        Interrupted);
    }
}

BOOST_AUTO_TEST_CASE(flows_take_the_form_that_is_asked_for) {
  const Experiment tiled =
      experiment({"flow.cumulant=tiled", "flow.rank=3", "class.1.input.model=gp-clone"});
  const FlowCumulants cumulants = flow_cumulants(tiled, flow_spec(tiled));
  BOOST_TEST(cumulants.operators.size() == 2u);
  BOOST_TEST(cumulants.relative_error > 1e-6);
  BOOST_TEST(cumulants.relative_error < 0.1);
  const Experiment exact = experiment({});
  BOOST_TEST(flow_cumulants(exact, flow_spec(exact)).relative_error == flow_spec(exact).truncation);
  // The operators are those of the same cumulant.
  FourierTransform fourier(tiled.torus());
  const Spectrum u = fourier.forward(Field::LinSpaced(tiled.torus().sites(), -1.0, 2.0));
  Spectrum from_tiled(u.size()), from_exact(u.size());
  FlowCumulants exact_cumulants = flow_cumulants(exact, flow_spec(exact));
  FlowCumulants tiled_cumulants = cumulants;
  tiled_cumulants.operators[0].contract(u, from_tiled);
  exact_cumulants.operators[0].contract(u, from_exact);
  BOOST_TEST((from_tiled - from_exact).norm() < 5.0 * cumulants.relative_error * from_exact.norm());
}

BOOST_AUTO_TEST_SUITE_END()
