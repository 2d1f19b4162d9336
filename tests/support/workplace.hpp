#pragma once

#include <string>

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "popflow/experiment/read.hpp"

#include "good_experiment.hpp"
#include "program.hpp"

/// A folder with the good experiment, and what the program makes of it.
struct Workplace : ScratchFolder {
  Workplace() { write("good.toml", good_experiment); }

  // The object that --json prints, and nothing else.
  nlohmann::json json(const std::string& arguments, int status = 0) const {
    const ProgramRun run = run_popflow(*this, arguments + " --json");
    BOOST_TEST_CONTEXT("popflow " << arguments << ": " << run.err) {
      BOOST_TEST(run.status == status);
      BOOST_TEST(run.err.empty() == (status == 0));
    }
    return nlohmann::json::parse(run.out);
  }

  popflow::Experiment experiment() const { return popflow::read_experiment(path("good.toml")); }
};
