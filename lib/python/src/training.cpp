#include "popflow/dynamics/train.hpp"
#include "popflow/training/evaluation.hpp"

#include "arguments.hpp"
#include "bindings.hpp"
#include "interruption.hpp"
#include "snapshots.hpp"
#include "values.hpp"

namespace popflow::python {

template <>
struct Members<TrainingResult> {
  static constexpr std::tuple all{&TrainingResult::reason, &TrainingResult::tau,
                                  &TrainingResult::steps};
};

namespace {

struct TrainingRun {
  std::vector<double> time;
  std::vector<Parameters> parameters;
  TrainingResult end;
};

// Trains from the parameters, and keeps those of every scheduled time.
TrainingRun train_recorded(TrainingProblem problem, Parameters parameters,
                           const std::vector<double>& times, const py::object& observe) {
  TrainingRun run;
  const auto record = [&](const Parameters& now, double tau) {
    run.time.push_back(tau);
    run.parameters.push_back(now);
    if (observe.is_none()) return;
    const py::gil_scoped_acquire acquire;
    observe(Parameters(now), tau);
  };
  run.end = interruptible([&](Interruption& interruption) {
    problem.options.interrupted = [&interruption] { return interruption(); };
    return train(problem, parameters, times, record);
  });
  return run;
}

SampleGradient gradient_of(const std::string& name) {
  constexpr std::array<Choice<SampleGradient>, 2> choices{
      {{"network", SampleGradient::network}, {"quartic", SampleGradient::quartic}}};
  return chosen("gradient", name, choices);
}

Precision precision_of(const std::string& name) {
  constexpr std::array<Choice<Precision>, 2> choices{
      {{"double", Precision::double_precision}, {"single", Precision::single_precision}}};
  return chosen("precision", name, choices);
}

void define_run(py::module_& m) {
  py::class_<TrainingRun> type(m, "TrainingRun",
                               R"(Snapshots of a training run, S, and how it ended.

They are at the scheduled times. Of a run that diverged between two of these nothing later is kept,
since its parameters are not finite.
)");
  type.def_property_readonly(
          "time", [](const TrainingRun& run) { return array_of(run.time); },
          "tau of the snapshots, S.")
      .def_property_readonly(
          "weights",
          [](const TrainingRun& run) {
            return stacked_first(run.parameters, run.parameters.front());
          },
          "First-layer weights u, S x K x M.")
      .def_property_readonly(
          "bias", [](const TrainingRun& run) { return stacked_bias(run.parameters); }, "S x K.")
      .def_property_readonly(
          "second_layer", [](const TrainingRun& run) { return stacked_second(run.parameters); },
          "S x K.")
      .def_readonly("parameters", &TrainingRun::parameters, "A list of S Parameters.")
      .def_property_readonly(
          "reason", [](const TrainingRun& run) { return name(run.end.reason); },
          "\"reached_end\" or \"not_finite\".")
      .def_property_readonly("tau", [](const TrainingRun& run) { return run.end.tau; })
      .def_property_readonly("steps", [](const TrainingRun& run) { return run.end.steps; });
  define_record(type, {"time", "parameters", "end"}, &TrainingRun::time, &TrainingRun::parameters,
                &TrainingRun::end);
}

void define_train(py::module_& m) {
  m.def(
      "train",
      [](const py::iterable& task, const Network& network, const Parameters& parameters,
         const std::vector<double>& times, double learning_rate, int batch, std::int64_t samples,
         bool shuffle, std::uint64_t seed, std::uint32_t run, const std::string& gradient,
         const std::string& precision, const Learning& learning, const py::object& observe) {
        return train_recorded({task_of(task),
                               network,
                               {.learning_rate = learning_rate,
                                .learning = learning,
                                .precision = precision_of(precision),
                                .schedule = {batch, samples, shuffle, seed, run},
                                .gradient = gradient_of(gradient)}},
                              parameters, times, observe);
      },
      py::arg("task"), py::arg("network"), py::arg("parameters"), py::arg("times"), py::kw_only(),
      py::arg("learning_rate") = 0.05, py::arg("batch") = 1000, py::arg("samples") = 0,
      py::arg("shuffle") = true, py::arg("seed") = 1, py::arg("run") = 0,
      py::arg("gradient") = "network", py::arg("precision") = "double",
      py::arg("learning") = Learning{}, py::arg("observe") = py::none(),
      R"(Stochastic gradient descent from these Parameters, which stay as they are (Eq. 22).

A step of learning rate eta advances tau by eta. With samples = P > 0 epochs of a finite sample,
otherwise fresh samples. Gradient is that of the "network" or its "quartic" expansion; precision is
"double" or "single". observe(parameters, tau) is called at every scheduled time. The same seed gives
the same bits on any number of threads. Ctrl-C raises KeyboardInterrupt.
)");
}

}  // namespace

void define_training(py::module_& m) {
  define_run(m);
  define_train(m);
  py::class_<Evaluation> type(m, "Evaluation", "How well a network does on samples.");
  type.def_readonly("loss", &Evaluation::loss, "Mean over the samples.")
      .def_readonly("loss_error", &Evaluation::loss_error, "Its standard error.")
      .def_readonly("accuracy", &Evaluation::accuracy,
                    "Share of samples whose output is nearest to their own label.");
  define_record(type, {"loss", "loss_error", "accuracy"}, &Evaluation::loss,
                &Evaluation::loss_error, &Evaluation::accuracy);
  m.def(
      "evaluate",
      [](const py::iterable& classes, const Network& network,
         const std::vector<Parameters>& parameters, std::int64_t samples, std::uint64_t seed,
         std::uint32_t run) {
        const Task task = task_of(classes);
        return waited_for([&](const auto& interrupted) {
          return evaluate(task, network, parameters, {{seed, Purpose::evaluation, run}, samples},
                          interrupted);
        });
      },
      py::arg("task"), py::arg("network"), py::arg("parameters"), py::arg("samples") = 10000,
      py::arg("seed") = 1, py::arg("run") = 0,
      "A list with one Evaluation for each of a list of Parameters, on the same fresh samples.\n"
      "Ctrl-C raises KeyboardInterrupt.");
}

}  // namespace popflow::python
