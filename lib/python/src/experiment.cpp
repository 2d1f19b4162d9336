#include "popflow/experiment/decompose.hpp"
#include "popflow/experiment/decomposition.hpp"
#include "popflow/experiment/output_file.hpp"
#include "popflow/experiment/read.hpp"
#include "popflow/experiment/results.hpp"
#include "popflow/experiment/run.hpp"

#include "bindings.hpp"
#include "interruption.hpp"

namespace popflow::python {

namespace {

using Runner = Run (*)(const Experiment&, const RunHooks&);

// Runs and writes the results; also those of an interrupted run, before it throws.
void run_to_file(Runner runner, const Experiment& experiment, const std::string& path,
                 const std::string& command_line) {
  check_writable(path);
  Run run;
  const std::exception_ptr interruption = in_background([&](const auto& interrupted) {
    run = runner(experiment, {.stage = {}, .progress = {}, .interrupted = interrupted});
    run.results.provenance = provenance(command_line);
    write_results(path, run.results);
  });
  if (interruption) std::rethrow_exception(interruption);
}

void define_runs(py::module_& m) {
  m.def(
      "_write_flow",
      [](const Experiment& experiment, const std::string& path, const std::string& command_line) {
        run_to_file(&run_flow, experiment, path, command_line);
      },
      py::arg("experiment"), py::arg("path"), py::arg("command_line") = "",
      "Integrates the flow of section [flow] and writes its results, NetCDF-4.");
  m.def(
      "_write_sgd",
      [](const Experiment& experiment, const std::string& path, const std::string& command_line) {
        run_to_file(&run_sgd, experiment, path, command_line);
      },
      py::arg("experiment"), py::arg("path"), py::arg("command_line") = "",
      "Trains as section [sgd] says and writes the results, NetCDF-4.");
  m.def(
      "_write_decomposition",
      [](const Experiment& experiment, const std::string& path, const std::string& command_line) {
        check_writable(path);
        const py::gil_scoped_release release;
        Decomposition result = decompose(experiment, [](const std::string&) {});
        result.provenance = provenance(command_line);
        write_decomposition(path, result);
      },
      py::arg("experiment"), py::arg("path"), py::arg("command_line") = "",
      "Takes the fourth cumulant apart as section [decompose] says, and writes its CP factors.");
}

void define_errors(py::module_& m) {
  py::register_exception<InvalidExperiment>(m, "InvalidExperiment", PyExc_ValueError)
      .attr("__doc__") = "A bad experiment file; the message is one line with what is allowed.";
  py::register_exception<InvalidResults>(m, "InvalidResults", PyExc_ValueError).attr("__doc__") =
      "A file that is not the results file that it should be.";
  py::register_exception<UnwritableOutput>(m, "UnwritableOutput", PyExc_OSError).attr("__doc__") =
      "An output path that cannot be written.";
}

}  // namespace

void define_experiment(py::module_& m) {
  define_errors(m);
  py::class_<Experiment>(m, "Experiment", "An experiment file, ready to run.")
      .def_readonly("file", &Experiment::file)
      .def_readonly("text", &Experiment::text, "The file as it stands, before overrides.")
      .def_readonly("overrides", &Experiment::overrides, "KEY=VALUE.")
      .def_readonly("seed", &Experiment::seed)
      .def_readonly("task", &Experiment::task, "A list of TaskClass.")
      .def_property_readonly("torus", &Experiment::torus)
      .def_property_readonly("network", [](const Experiment& e) { return network_of(e); })
      .def_property_readonly("neuron", &single_neuron, "The only neuron, for the quartic flow.")
      .def_property_readonly("initial_parameters", &initial_parameters,
                             "Parameters at tau = 0, the same for the flow and for SGD.");
  m.def(
      "read_experiment",
      [](const py::object& file, const std::vector<std::string>& overrides) {
        const auto path = py::module_::import("os").attr("fspath")(file).cast<std::string>();
        return read_experiment(path, overrides);
      },
      py::arg("file"), py::arg("overrides") = std::vector<std::string>{},
      "Reads an experiment file; overrides are \"KEY=VALUE\". Raises InvalidExperiment.");
  define_runs(m);
}

}  // namespace popflow::python
