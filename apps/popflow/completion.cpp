// The script is made from the description of the command line itself, so that it has every verb and
// every option.

#include <regex>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "verbs.hpp"

namespace popflow {

namespace {

constexpr const char* bash_script =
    R"bash(# What bash completes after popflow; made by: popflow completion bash

_popflow() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD - 1]}}
  local verb options words endings i
  for ((i = 1; i < COMP_CWORD; ++i)); do
    [[ ${{COMP_WORDS[i]}} == -* ]] || {{ verb=${{COMP_WORDS[i]}}; break; }}
  done

  case $verb in
{}  esac

  [[ $word == -* ]] && words=$options
  mapfile -t COMPREPLY < <(
    compgen -W "$words" -- "$word"
    for i in $endings; do compgen -f -X "!*.$i" -- "$word"; done
    [[ -z $endings ]] || compgen -d -- "$word"
  )
  [[ -z $endings ]] || compopt -o filenames 2> /dev/null
}}
complete -F _popflow popflow
)bash";

std::set<std::string> matches(const std::string& type, const std::regex& pattern) {
  std::set<std::string> found;
  for (std::sregex_iterator match(type.begin(), type.end(), pattern), end; match != end; ++match)
    found.insert(match->str(1));
  return found;
}

// The files that a value names, by the name of its type: files of FIGURE.svg|.png end in svg or
// png.
std::set<std::string> endings(const CLI::Option& option) {
  return matches(option.get_type_name(), std::regex("\\.([a-z]+)"));
}

// The words that CLI::IsMember allows, which it writes as {one,other}.
std::set<std::string> words(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  const std::size_t brace = type.find('{');
  if (brace == std::string::npos) return {};
  return matches(type.substr(brace), std::regex("([a-z]+)"));
}

// --name of every long name, -n of every short one.
std::vector<std::string> names(const CLI::Option& option) {
  std::vector<std::string> all;
  for (const std::string& name : option.get_lnames()) all.push_back("--" + name);
  for (const std::string& name : option.get_snames()) all.push_back("-" + name);
  return all;
}

std::string offer(const std::set<std::string>& words, const std::set<std::string>& endings) {
  return fmt::format("words='{}' endings='{}'", fmt::join(words, " "), fmt::join(endings, " "));
}

// The branch of one verb: what follows its options, and what it takes itself.
std::string branch(const CLI::App& verb) {
  std::vector<std::string> options;
  std::set<std::string> own_words;
  std::set<std::string> own_endings;
  std::string values;
  for (const CLI::Option* option : verb.get_options()) {
    if (option->get_positional()) {
      own_words.merge(words(*option));
      own_endings.merge(endings(*option));
      continue;
    }
    const std::vector<std::string> all = names(*option);
    options.insert(options.end(), all.begin(), all.end());
    if (option->get_items_expected_max() > 0)
      values += fmt::format("        {}) {} ;;\n", fmt::join(all, "|"),
                            offer(words(*option), endings(*option)));
  }
  return fmt::format(
      "    {})\n"
      "      options='{}'\n"
      "      case $previous in\n"
      "{}"
      "        *) {} ;;\n"
      "      esac ;;\n",
      verb.get_name(), fmt::join(options, " "), values, offer(own_words, own_endings));
}

std::string bash_completion(const CLI::App& app) {
  std::vector<std::string> options;
  for (const CLI::Option* option : app.get_options())
    for (const std::string& name : names(*option)) options.push_back(name);
  std::set<std::string> verbs;
  std::string branches;
  for (const CLI::App* verb : app.get_subcommands({})) {
    verbs.insert(verb->get_name());
    branches += branch(*verb);
  }
  branches += fmt::format("    '')\n      options='{}'\n      {} ;;\n", fmt::join(options, " "),
                          offer(verbs, {}));
  return fmt::format(bash_script, branches);
}

}  // namespace

void add_completion(CLI::App& app, Invocation& invocation) {
  CLI::App& verb =
      *app.add_subcommand("completion", "Print what a shell needs to complete popflow");
  verb.add_option("SHELL", "The shell")->required()->check(CLI::IsMember({"bash"}));
  verb.footer(
      "An installed popflow is completed already. Otherwise, in ~/.bashrc:\n"
      "source <(popflow completion bash); in zsh after autoload -U bashcompinit && bashcompinit.\n"
      "Example: popflow completion bash > popflow.bash");
  verb.callback([&app, &invocation] {
    invocation.run = [&app] {
      fmt::print("{}", bash_completion(app));
      return 0;
    };
  });
}

}  // namespace popflow
