#include <fmt/core.h>

#include "popflow/run/neglected_terms.hpp"
#include "popflow/run/run_flow.hpp"

#include "computed.hpp"
#include "message.hpp"
#include "run_arguments.hpp"
#include "verbs.hpp"

namespace popflow {

namespace {

int flow_verb(const RunArguments& arguments, const std::string& command_line) {
  const Experiment experiment = arguments.read();
  const Stopwatch stopwatch;
  Run flow = computed_flow(experiment, !arguments.print.quiet);
  const FlowSpec& spec = flow_spec(experiment);
  if (arguments.print.human() && flow.results.cumulant_error && spec.cumulant == "tiled")
    fmt::print("fourth cumulants tiled with {} templates: relative error {:.5f}\n", spec.rank,
               *flow.results.cumulant_error);
  const std::string message =
      neglected_terms_message(experiment, flow.results.time, neglected_terms(flow.results));
  const int status = finish(arguments, std::move(flow), stopwatch.seconds(), command_line);
  if (!message.empty() && !arguments.print.quiet)
    say(fmt::format("{}: {}", arguments.experiment.file, message));
  return status;
}

}  // namespace

Run computed_flow(const Experiment& experiment, bool shown) {
  Progress progress(shown, "flow");
  return run_flow(experiment, hooks_of(progress));
}

void add_flow(CLI::App& app, Invocation& invocation) {
  const auto arguments = std::make_shared<RunArguments>();
  CLI::App& verb =
      *app.add_subcommand("flow", "Integrate a population flow, in closed form or sampled");
  arguments->add_to(verb);
  verb.footer("Example: popflow flow experiment.toml -o flow.nc --set flow.kind=latent");
  verb.callback([arguments, &invocation] {
    invocation.run = [arguments, &invocation] {
      return flow_verb(*arguments, invocation.command_line);
    };
  });
}

}  // namespace popflow
