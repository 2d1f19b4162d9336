#include "popflow/dynamics/jacobian.hpp"
#include "popflow/experiment/experiment_flow.hpp"
#include "popflow/experiment/netcdf_access.hpp"
#include "popflow/experiment/read.hpp"
#include "popflow/experiment/sweep.hpp"
#include "popflow/flow/quartic_flow.hpp"
#include "popflow/lattice/half_spectrum.hpp"
#include "popflow/results/decomposition.hpp"
#include "popflow/results/ladder.hpp"
#include "popflow/results/output_file.hpp"
#include "popflow/results/results.hpp"
#include "popflow/results/sweep_results.hpp"
#include "popflow/run/decompose.hpp"
#include "popflow/run/neglected_terms.hpp"
#include "popflow/run/run.hpp"
#include "popflow/run/run_fixed_point.hpp"
#include "popflow/run/run_flow.hpp"
#include "popflow/run/run_ladder.hpp"
#include "popflow/run/run_sgd.hpp"
#include "popflow/run/sweep_point.hpp"
#include "popflow/threads/parallel_for.hpp"

#include "arguments.hpp"
#include "bindings.hpp"
#include "flows.hpp"
#include "interruption.hpp"
#include "values.hpp"

namespace popflow::python {

namespace {

using Runner = Run (*)(const Experiment&, const RunHooks&);

// Runs and writes the results; also those of an interrupted run, before it throws.
void run_to_file(Runner runner, const Experiment& experiment, const std::string& path,
                 const std::string& command_line) {
  check_writable(path, files_read(experiment));
  waited_for([&](const auto& interrupted) {
    Run run = runner(experiment, {.stage = {}, .progress = {}, .interrupted = interrupted});
    run.results.provenance = provenance(command_line);
    write_results(path, run.results);
    return run.reason;
  });
}

// All points of a sweep, as many at a time as there are threads. Points that an interruption left
// out are empty. If a point cannot be computed, it holds the reason.
std::vector<SweepPoint> sweep_points(const Sweep& sweep, const std::function<bool()>& interrupted) {
  std::vector<SweepPoint> points(sweep.points());
  parallel_for(points.size(),
               [&](std::size_t n) {
                 if (!interrupted()) points[n] = sweep_point(sweep, n, interrupted);
               },
               {.alike = false});
  return points;
}

void sweep_to_file(const std::string& file, const std::string& path,
                   const std::string& command_line) {
  const Sweep sweep =
      waited_for([&](const auto& interrupted) { return read_sweep(file, interrupted); });
  check_writable(path, files_read(sweep));
  const std::vector<SweepPoint> points =
      waited_for([&](const auto& interrupted) { return sweep_points(sweep, interrupted); });
  const py::gil_scoped_release release;
  write_sweep(path, sweep, points, provenance(command_line));
}

// Interrupted, what the ladder has by then is written, if it has the population, before this
// throws.
void ladder_to_file(const Experiment& experiment, const std::string& path,
                    const std::string& command_line) {
  check_writable(path, files_read(experiment));
  waited_for([&](const auto& interrupted) {
    std::optional<Ladder> ladder =
        run_ladder(experiment, {.stage = {}, .progress = {}, .interrupted = interrupted});
    if (!ladder) return false;
    ladder->provenance = provenance(command_line);
    write_ladder(path, *ladder);
    return true;
  });
}

Field growth_rates(const Experiment& experiment) {
  return full_spectrum(experiment.torus(), growth_rate(experiment.task, single_neuron(experiment),
                                                       experiment.network.loss));
}

std::shared_ptr<BoundFlow> flow_of(const Experiment& experiment) {
  ExperimentFlow made =
      waited_for([&](const auto& interrupted) { return experiment_flow(experiment, interrupted); });
  return std::make_shared<BoundFlow>(BoundFlow{
      std::move(made.flow),
      {py::module_::import("operator").attr("methodcaller")("flow"), py::make_tuple(experiment)}});
}

// The input of one class, which is made again by reading the experiment again.
BoundInput class_input(const Experiment& experiment, std::size_t number) {
  return {experiment.task.at(number).input, made_by("_class_input", experiment, number)};
}

std::vector<BoundTaskClass> classes_of(const Experiment& experiment) {
  std::vector<BoundTaskClass> classes;
  for (const TaskClass& c : experiment.task)
    classes.push_back({c.label, c.probability, class_input(experiment, classes.size())});
  return classes;
}

Experiment experiment_of(const ExperimentSource& source,
                         const std::vector<std::string>& overrides) {
  return waited_for(
      [&](const auto& interrupted) { return read_experiment(source, overrides, interrupted); });
}

// Access of Python to NetCDF, by one thread at a time and without messages, as in the library. It
// waits without the interpreter lock, since the thread that has NetCDF may wait for that lock.
struct HeldNetcdf {
  std::optional<NetcdfAccess> access;

  void enter() {
    const py::gil_scoped_release release;
    access.emplace();
  }
  void exit(const py::args&) { access.reset(); }
};

py::dict integration_options_of(const Experiment& experiment) {
  const IntegrationOptions options = integration_options(flow_spec(experiment));
  return py::dict(py::arg("absolute_tolerance") = options.absolute_tolerance,
                  py::arg("relative_tolerance") = options.relative_tolerance,
                  py::arg("step_limit") = options.step_limit,
                  py::arg("stationary_rate") = options.stationary_rate);
}

py::dict fixed_point_options_of(const Experiment& experiment) {
  const FixedPointOptions options = fixed_point_options(experiment);
  return py::dict(py::arg("tolerance") = options.tolerance, py::arg("stable") = options.stable,
                  py::arg("first_step") = options.first_step,
                  py::arg("null_rate") = options.null_rate,
                  py::arg("step_limit") = options.step_limit);
}

void define_runs(py::module_& m) {
  m.def("_write_sweep", &sweep_to_file, py::arg("sweep"), py::arg("path"),
        py::arg("command_line") = "", "Computes every point of a sweep and writes them, NetCDF-4.");
  m.def("_write_ladder", &ladder_to_file, py::arg("experiment"), py::arg("path"),
        py::arg("command_line") = "",
        "Runs every kind of flow, the population and SGD, and writes the ladder, NetCDF-4.");
  m.def(
      "_write_flow",
      [](const Experiment& experiment, const std::string& path, const std::string& command_line) {
        run_to_file(&run_flow, experiment, path, command_line);
      },
      py::arg("experiment"), py::arg("path"), py::arg("command_line") = "",
      "Integrates the flow of section [flow] and writes its results, NetCDF-4.");
  m.def("_neglected_terms_message", &neglected_terms_message, py::arg("experiment"),
        py::arg("time"), py::arg("neglected_terms"),
        "What to say where a flow by expansion neglects too much; else empty.");
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
        check_writable(path, files_read(experiment));
        Decomposition result = waited_for([&](const auto& interrupted) {
          return decompose(
              experiment, [](const std::string&) {}, interrupted);
        });
        result.provenance = provenance(command_line);
        const py::gil_scoped_release release;
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
  py::class_<Experiment> type(m, "Experiment", "An experiment file, ready to run.");
  type.def_readonly("file", &Experiment::file)
      .def_readonly("text", &Experiment::text, "The file as it stands, before overrides.")
      .def_readonly("overrides", &Experiment::overrides, "KEY=VALUE.")
      .def_readonly("seed", &Experiment::seed)
      .def_property_readonly("task", &classes_of, "A list of TaskClass.")
      .def_property_readonly("torus", &Experiment::torus)
      .def_property_readonly("network", [](const Experiment& e) { return network_of(e); })
      .def_property_readonly("neuron", &single_neuron, "The only neuron, for the quartic flow.")
      .def_property_readonly("initial_parameters", &initial_parameters,
                             "Parameters at tau = 0, the same for the flow and for SGD.")
      .def_property_readonly(
          "flow_times", [](const Experiment& e) { return snapshot_times(flow_spec(e)); },
          "Snapshots that section [flow] asks for, in tau.")
      .def_property_readonly("integration_options", &integration_options_of,
                             "Keyword arguments of `integrate`, as section [flow] has them.")
      .def_property_readonly("fixed_point_options", &fixed_point_options_of,
                             "Keyword arguments of `find_fixed_point`, as section [fixed_point] "
                             "has them.")
      .def("flow", &flow_of, "The Flow that section [flow] names; not of the kind \"orbit\".");
  // Read again from its text, since what it holds is made from that.
  define_value(
      type, {"file", "overrides"},
      [](const Experiment& e) {
        return py::make_tuple(e.file, e.overrides, e.text, e.folder, e.data);
      },
      [](const py::tuple& parts) {
        return experiment_of({parts[0].cast<std::string>(), parts[2].cast<std::string>(),
                              parts[3].cast<std::string>(), parts[4].cast<std::string>()},
                             parts[1].cast<std::vector<std::string>>());
      });
  m.def("_class_input", &class_input, py::arg("experiment"), py::arg("number"),
        "The input of a class of an experiment.");
  { const NetcdfAccess started; }  // in the thread that imports, where others then find it quiet
  py::class_<HeldNetcdf>(m, "_NetcdfAccess", "With it, NetCDF is this thread's alone, and quiet.")
      .def(py::init<>())
      .def("__enter__", &HeldNetcdf::enter)
      .def("__exit__", &HeldNetcdf::exit);
  m.def("_growth_rates", &growth_rates, py::arg("experiment"),
        "Growth rate of every Fourier mode at the origin (Eq. 21), N, row-major.");
  m.def(
      "read_experiment",
      [](const py::object& file, const std::vector<std::string>& overrides) {
        const auto path = py::module_::import("os").attr("fspath")(file).cast<std::string>();
        return experiment_of(source_of(path), overrides);
      },
      py::arg("file"), py::arg("overrides") = std::vector<std::string>{},
      "Reads an experiment file; overrides are \"KEY=VALUE\". Raises InvalidExperiment. Ctrl-C "
      "raises\n"
      "KeyboardInterrupt.");
  define_runs(m);
}

}  // namespace popflow::python
