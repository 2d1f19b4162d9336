#include <fmt/core.h>

#include "run.hpp"
#include "verbs.hpp"

namespace popflow {

namespace {

int run(const RunArguments& arguments, const std::string& command_line) {
  const Experiment experiment = arguments.read();
  const Stopwatch stopwatch;
  Run flow;
  {
    Progress progress(!arguments.print.quiet, "flow");
    flow = run_flow(experiment, hooks_of(progress));
  }
  const FlowSpec& spec = flow_spec(experiment);
  if (arguments.print.human() && flow.results.cumulant_error && spec.cumulant == "tiled")
    fmt::print("fourth cumulants tiled with {} templates: relative error {:.5f}\n", spec.rank,
               *flow.results.cumulant_error);
  return finish(arguments, std::move(flow), stopwatch.seconds(), command_line);
}

}  // namespace

void add_flow(CLI::App& app, Invocation& invocation) {
  const auto arguments = std::make_shared<RunArguments>();
  CLI::App& verb =
      *app.add_subcommand("flow", "Integrate a population flow, in closed form or sampled");
  arguments->add_to(verb);
  verb.footer("Example: popflow flow experiment.toml -o flow.nc --set flow.kind=latent");
  verb.callback([arguments, &invocation] {
    invocation.run = [arguments, &invocation] { return run(*arguments, invocation.command_line); };
  });
}

}  // namespace popflow
