// popflow: from one experiment file, the theory of receptive-field formation and its simulation.

#include <algorithm>
#include <cctype>
#include <csignal>
#include <cstdio>
#include <exception>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "popflow/experiment/experiment.hpp"
#include "popflow/experiment/nearest.hpp"
#include "popflow/results/output_file.hpp"
#include "popflow/results/results.hpp"
#include "popflow/results/version.hpp"

#include "message.hpp"
#include "verbs.hpp"

namespace {

constexpr int ran_but_failed = 1;
constexpr int bad_input = 2;

int fail(int status, const std::string& message) {
  popflow::say(message);
  return status;
}

std::string quoted(const std::string& argument) {
  const char* plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=./,:+@%";
  if (!argument.empty() && argument.find_first_not_of(plain) == std::string::npos) return argument;
  std::string result = "'";
  for (const char c : argument) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return result + "'";
}

std::string command_line(int argc, char** argv) {
  std::string line = "popflow";
  for (int i = 1; i < argc; ++i) line += " " + quoted(argv[i]);
  return line;
}

// Printed text is in a buffer, so that a full disk shows only now. A run that failed has printed
// its one line already.
int delivered(int status) {
  const bool lost = std::fflush(stdout) != 0 || std::ferror(stdout) != 0;
  if (lost && status == 0) return fail(ran_but_failed, "standard output cannot be written");
  return status;
}

std::vector<std::string> verbs_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* verb : app.get_subcommands({})) names.push_back(verb->get_name());
  return names;
}

// --name of every long name, -n of every short one.
std::vector<std::string> options_of(const CLI::App& verb) {
  std::vector<std::string> names;
  for (const CLI::Option* option : verb.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    for (const std::string& name : option->get_snames()) names.push_back("-" + name);
  }
  return names;
}

std::string did_you_mean(const std::string& word, const std::vector<std::string>& words) {
  return popflow::did_you_mean(word, {words.begin(), words.end()});
}

bool is_option(const std::string& word) {
  const std::size_t dashes = std::min(word.find_first_not_of('-'), std::size_t{3});
  return dashes > 0 && dashes < 3 && std::isalpha(static_cast<unsigned char>(word[dashes])) != 0;
}

// The first word that is neither a verb nor an option of the verb, with what was probably meant;
// empty where all are known, and something else is wrong.
std::string unknown_word(const CLI::App& app, const std::vector<std::string>& words) {
  const CLI::App* verb = &app;
  for (const std::string& word : words) {
    if (word == "--") break;
    // A value may stand behind an option: --output=FILE, -oFILE.
    const std::string name =
        word.starts_with("--") ? word.substr(0, word.find('=')) : word.substr(0, 2);
    const std::vector<std::string> verbs = verbs_of(app), options = options_of(*verb);
    if (is_option(word)) {
      if (std::find(options.begin(), options.end(), name) == options.end())
        return fmt::format("{}: no such option{}", name, did_you_mean(name, options));
    } else if (verb == &app) {
      if (std::find(verbs.begin(), verbs.end(), word) == verbs.end())
        return fmt::format("{}: no such verb{}; the verbs are {}", word, did_you_mean(word, verbs),
                           fmt::join(verbs, ", "));
      verb = app.get_subcommand(word);
    }
  }
  return "";
}

std::string explained(const CLI::App& app, const std::vector<std::string>& words,
                      const CLI::ParseError& error) {
  const std::string unknown = unknown_word(app, words);
  return fmt::format("{} (popflow --help)", unknown.empty() ? error.what() : unknown);
}

int run(const popflow::Invocation& invocation) {
  try {
    return delivered(invocation.run());
  } catch (const popflow::InvalidExperiment& error) {
    return fail(bad_input, error.what());
  } catch (const popflow::InvalidResults& error) {
    return fail(bad_input, error.what());
  } catch (const popflow::UnwritableOutput& error) {
    return fail(bad_input, error.what());
  } catch (const std::invalid_argument& error) {
    return fail(bad_input, error.what());
  } catch (const std::bad_alloc&) {
    return fail(ran_but_failed, "out of memory");
  } catch (const std::exception& error) {
    return fail(ran_but_failed, error.what());
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is an error like a full disk
  CLI::App app{
      "popflow derives how receptive fields form and trains the network that the theory "
      "describes.\n"
      "Exit status: 0 done, 1 ran but failed, 2 bad input."};
  app.name("popflow");
  app.set_version_flag("--version", fmt::format("popflow {} ({}, {})", popflow::version(),
                                                popflow::git_revision(), popflow::compiler()));
  app.require_subcommand(1);

  popflow::Invocation invocation{command_line(argc, argv), {}};
  popflow::add_init(app, invocation);
  popflow::add_moments(app, invocation);
  popflow::add_stability(app, invocation);
  popflow::add_flow(app, invocation);
  popflow::add_fixed_point(app, invocation);
  popflow::add_sgd(app, invocation);
  popflow::add_ladder(app, invocation);
  popflow::add_compare(app, invocation);
  popflow::add_decompose(app, invocation);
  popflow::add_sweep(app, invocation);
  popflow::add_rerun(app, invocation);
  popflow::add_plot(app, invocation);
  popflow::add_completion(app, invocation);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& asked) {  // --help, --version
    return delivered(app.exit(asked));
  } catch (const CLI::ParseError& error) {
    return fail(bad_input, explained(app, {argv + 1, argv + argc}, error));
  }
  return run(invocation);
}
