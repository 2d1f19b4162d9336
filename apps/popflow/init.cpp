#include <filesystem>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "popflow/experiment/printable.hpp"
#include "popflow/results/output_file.hpp"

#include "arguments.hpp"
#include "example_experiment.hpp"
#include "interrupt.hpp"
#include "message.hpp"
#include "verbs.hpp"

namespace popflow {

namespace {

struct InitArguments {
  std::string file = "experiment.toml";
  PrintArguments print;
};

int init_verb(const InitArguments& arguments) {
  if (std::filesystem::exists(std::filesystem::symlink_status(arguments.file)))
    throw UnwritableOutput(arguments.file + ": is there already: name another file, or remove it");
  catch_interrupts();  // or a temporary file would stay behind
  OutputFile output(arguments.file);
  output.write(example_experiment);
  output.commit();
  if (arguments.print.json) print_line(nlohmann::json{{"file", arguments.file}});
  if (arguments.print.human())
    fmt::print("{0} is written. Next: popflow flow {0} -o flow.nc\n", printable(arguments.file));
  return 0;
}

}  // namespace

void add_init(CLI::App& app, Invocation& invocation) {
  const auto arguments = std::make_shared<InitArguments>();
  CLI::App& verb = *app.add_subcommand("init", "Write a commented experiment file to start from");
  verb.add_option("FILE", arguments->file, "Its name; it must not be there")
      ->check(named)
      ->capture_default_str()
      ->type_name("FILE.toml");
  arguments->print.add_to(verb);
  verb.footer("Example: popflow init first.toml");
  verb.callback(
      [arguments, &invocation] { invocation.run = [arguments] { return init_verb(*arguments); }; });
}

}  // namespace popflow
