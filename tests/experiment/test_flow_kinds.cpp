// The table of the kinds of flow: what the reader, the tolerances and the messages make of it.

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>
#include <fmt/core.h>

#include "popflow/experiment/flow_kinds.hpp"
#include "popflow/experiment/read.hpp"
#include "popflow/run/run.hpp"
#include "popflow/run/run_flow.hpp"

#include "good_experiment.hpp"
#include "reference_inputs.hpp"
#include "scratch_folder.hpp"
#include "unstated_input.hpp"

BOOST_AUTO_TEST_SUITE(kinds_of_flow)

using namespace popflow;

namespace {

Experiment experiment(const std::vector<std::string>& overrides) {
  const ScratchFolder folder;
  return read_experiment(folder.write("good.toml", good_experiment), overrides);
}

Experiment of_kind(std::string_view kind, std::vector<std::string> overrides = {}) {
  overrides.push_back(fmt::format("flow.kind={}", kind));
  return experiment(overrides);
}

// For every key that belongs to some kinds only, a value that is not the default.
const std::map<std::string, std::string> own_values{{"relative_tolerance", "1e-3"},
                                                    {"absolute_tolerance", "1e-5"},
                                                    {"stationary_rate", "1e-30"},
                                                    {"step_limit", "1000"},
                                                    {"truncation", "1e-4"},
                                                    {"cumulant", "tiled"},
                                                    {"rank", "2"},
                                                    {"latents", "1"},
                                                    {"samples", "11"},
                                                    {"step", "0.3"},
                                                    {"runs", "2"}};

std::vector<std::string> all_own_keys() {
  std::vector<std::string> overrides;
  for (const auto& [key, value] : own_values)
    overrides.push_back(fmt::format("flow.{}={}", key, value));
  return overrides;
}

using Names = std::set<std::string>;

Names applicable(const Experiment& to) {
  Names names;
  for (const FlowKind& kind : flow_kinds())
    if (!reason_not_applicable(to, kind.name)) names.emplace(kind.name);
  return names;
}

std::string readme() {
  std::ifstream file(POPFLOW_SOURCE "/README.md");
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_kind_is_found_by_its_name) {
  Names names;
  for (const FlowKind& kind : flow_kinds()) {
    names.emplace(kind.name);
    BOOST_TEST(&flow_kind(kind.name) == &kind);
    BOOST_TEST(kind.sampled() == (kind.name == "orbit"));
    BOOST_TEST(kind.tolerances.has_value() == !kind.sampled());
  }
  BOOST_TEST(names.size() == flow_kinds().size());
  BOOST_CHECK_EXCEPTION(flow_kind("octic"), std::invalid_argument,
                        [](const std::invalid_argument& error) {
                          return std::string(error.what()) ==
                                 "\"octic\" is no kind of flow: must be one of quartic, gaussian, "
                                 "edgeworth, conditional, kurtosis, latent, orbit";
                        });
}

BOOST_AUTO_TEST_CASE(one_file_with_the_keys_of_every_kind_runs_as_each) {
  std::set<std::string_view> own;
  for (const FlowKind& kind : flow_kinds()) own.insert(kind.keys.begin(), kind.keys.end());
  BOOST_TEST(own.size() == own_values.size());
  for (const std::string_view key : own) BOOST_TEST(own_values.count(std::string(key)) == 1U, key);

  for (const FlowKind& kind : flow_kinds()) {
    const Experiment all = of_kind(kind.name, all_own_keys());
    BOOST_TEST(flow_spec(all).kind == kind.name);
    BOOST_TEST(run_flow(all).complete(), kind.name);
  }
}

// The keys that a kind has are those that change its flow.
BOOST_AUTO_TEST_CASE(keys_of_other_kinds_change_nothing) {
  for (const FlowKind& kind : flow_kinds()) {
    std::vector<std::string> foreign, few;
    if (kind.sampled()) few = {"flow.samples=7"};
    for (const auto& [key, value] : own_values)
      if (std::find(kind.keys.begin(), kind.keys.end(), key) == kind.keys.end())
        foreign.push_back(fmt::format("flow.{}={}", key, value));
    foreign.insert(foreign.end(), few.begin(), few.end());
    const Run with = run_flow(of_kind(kind.name, foreign)),
              without = run_flow(of_kind(kind.name, few));
    BOOST_TEST((with.results.runs.front().back() == without.results.runs.front().back()),
               kind.name);
    BOOST_TEST(!foreign.empty());
  }
}

BOOST_AUTO_TEST_CASE(tolerances_are_those_of_the_kind_unless_given) {
  for (const std::string kind : {"quartic", "gaussian"}) {
    const IntegrationOptions options = integration_options(flow_spec(of_kind(kind)));
    BOOST_TEST(options.relative_tolerance == 1e-8);
    BOOST_TEST(options.absolute_tolerance == 1e-10);
  }
  for (const std::string kind : {"edgeworth", "conditional", "kurtosis", "latent"}) {
    const IntegrationOptions options = integration_options(flow_spec(of_kind(kind)));
    BOOST_TEST(options.relative_tolerance == 1e-4);
    BOOST_TEST(options.absolute_tolerance == 1e-6);

    const IntegrationOptions relative =
        integration_options(flow_spec(of_kind(kind, {"flow.relative_tolerance=1e-8"})));
    BOOST_TEST(relative.relative_tolerance == 1e-8);
    BOOST_TEST(relative.absolute_tolerance == 1e-6);
    const IntegrationOptions absolute =
        integration_options(flow_spec(of_kind(kind, {"flow.absolute_tolerance=1e-10"})));
    BOOST_TEST(absolute.relative_tolerance == 1e-4);
    BOOST_TEST(absolute.absolute_tolerance == 1e-10);
  }
}

BOOST_AUTO_TEST_CASE(a_kind_applies_where_its_flow_can_be_made) {
  const Names all{"quartic", "gaussian", "edgeworth", "conditional", "kurtosis", "latent", "orbit"};
  BOOST_TEST(applicable(experiment({})) == all);
  BOOST_TEST(applicable(experiment({"network.hidden=2"})) ==
             (Names{"gaussian", "edgeworth", "latent", "orbit"}));
  BOOST_TEST(applicable(experiment({"network.hidden=2", "network.activation=tanh"})) ==
             Names{"orbit"});
  BOOST_TEST(applicable(experiment({"network.activation=relu"})) ==
             (Names{"gaussian", "conditional", "kurtosis", "latent", "orbit"}));
  BOOST_TEST(applicable(experiment({"network.loss=logistic"})) ==
             (Names{"quartic", "conditional", "kurtosis", "latent", "orbit"}));
  BOOST_TEST(applicable(experiment({"network.kernel=[3]"})) == Names{});
  for (const std::string key : {"bias_rate", "second_layer_rate", "l1", "l2"})
    BOOST_TEST(applicable(experiment({"network." + key + "=0.1"})) ==
               (Names{"gaussian", "edgeworth", "conditional", "kurtosis", "latent", "orbit"}));
  Experiment unstated = experiment({});
  unstated.task[1].input = test::UnstatedInput{test::nlgp({12}, 3.0, 1.0)};
  BOOST_TEST(applicable(unstated) ==
             (Names{"quartic", "gaussian", "edgeworth", "kurtosis", "orbit"}));
  BOOST_TEST(applicable(experiment({"lattice.shape=[600]"})) ==
             (Names{"gaussian", "conditional", "latent", "orbit"}));
  BOOST_TEST(applicable(experiment({"lattice.shape=[600]", "flow.cumulant=tiled"})) == all);
}

BOOST_AUTO_TEST_CASE(flows_of_kinds_that_do_not_apply_are_refused_with_the_reason) {
  const std::vector<std::vector<std::string>> experiments{
      {},
      {"network.hidden=2"},
      {"network.hidden=2", "network.activation=tanh"},
      {"network.activation=relu"},
      {"network.loss=logistic"},
      {"network.kernel=[3]"},
      {"network.l2=0.1"}};
  for (const auto& overrides : experiments)
    for (const FlowKind& kind : flow_kinds()) {
      std::vector<std::string> more = overrides;
      more.insert(more.end(), {"flow.samples=5", "flow.runs=1", "flow.t_end=0.1"});
      const Experiment tried = of_kind(kind.name, more);
      const std::optional<std::string> reason = reason_not_applicable(tried, kind.name);
      BOOST_TEST_CONTEXT(kind.name << " of " << joined_overrides(tried)) {
        if (!reason) {
          BOOST_TEST(run_flow(tried).complete());
          continue;
        }
        const std::string allowed = reason->substr(reason->find(' ') + 1);
        BOOST_CHECK_EXCEPTION(run_flow(tried), InvalidExperiment,
                              [&allowed](const InvalidExperiment& error) {
                                return std::string(error.what()).find(allowed) != std::string::npos;
                              });
      }
    }
  BOOST_TEST(reason_not_applicable(experiment({"network.hidden=2"}), "kurtosis").value() ==
             "network.hidden must be 1");
}

BOOST_AUTO_TEST_CASE(the_readme_lists_the_same_kinds) {
  const std::regex row(R"(\| `(\w+)` \| (.*) \| (1|any) \| (.*) \|)");
  const std::string text = readme();
  std::vector<std::string> found, expected;
  for (auto line = std::sregex_iterator(text.begin(), text.end(), row);
       line != std::sregex_iterator(); ++line)
    found.push_back(line->str());
  for (const FlowKind& kind : flow_kinds())
    expected.push_back(fmt::format("| `{}` | {} | {} | {} |", kind.name, kind.closure, kind.neurons,
                                   kind.exact_for));
  BOOST_TEST(found == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
