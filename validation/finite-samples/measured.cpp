#include "measured.hpp"

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>

#include "popflow/dynamics/train.hpp"
#include "popflow/measure/localisation.hpp"
#include "popflow/measure/matching.hpp"
#include "popflow/measure/receptive_field.hpp"
#include "popflow/run/decompose.hpp"
#include "popflow/tensor/sample_cp.hpp"
#include "popflow/training/evaluation.hpp"

using namespace popflow;

namespace {

const MatchOptions up_to_symmetry{.shift = true, .reflection = true};

Matching matching(const Torus& torus, const Weights& fields, const Weights& known) {
  FourierTransform fourier(torus);
  return nearest(fourier, fields, known, up_to_symmetry);
}

double mean_ipr(const Weights& fields) {
  double sum = 0.0;
  for (Eigen::Index k = 0; k < fields.rows(); ++k)
    sum += inverse_participation_ratio(Field(fields.row(k).transpose()));
  return sum / static_cast<double>(fields.rows());
}

double loss(const Experiment& experiment, const Parameters& parameters, Purpose purpose,
            std::int64_t samples) {
  return evaluate(experiment.task, network_of(experiment), std::span(&parameters, 1),
                  {{experiment.seed, purpose}, samples})
      .front()
      .loss;
}

}  // namespace

double found_share(const Torus& torus, const Weights& fields, const Weights& known) {
  const Localisation which = localisation(fields);
  double found = 0.0;
  for (const Match& match : matching(torus, fields, known).matches)
    found += which.localised[match.a] && match.similarity >= same_field ? 1.0 : 0.0;
  return found / static_cast<double>(fields.rows());
}

Weights negative_half(const Parameters& parameters) {
  return parameters.first().topRows(parameters.hidden() / 2);
}

Parameters trained(const Experiment& experiment) {
  Parameters parameters = initial_parameters(experiment);
  train({experiment.task, network_of(experiment), training_options(experiment)}, parameters,
        snapshot_times(sgd_spec(experiment)), [](const Parameters&, double) {});
  return parameters;
}

Learnt learnt(const Experiment& experiment, const Weights& known) {
  const Parameters parameters = trained(experiment);
  const Weights fields = negative_half(parameters);
  const std::int64_t P = sgd_spec(experiment).samples, tested = sgd_spec(experiment).test_samples;
  return {found_share(experiment.torus(), fields, known), mean_ipr(fields),
          matching(experiment.torus(), fields, known).mean_similarity,
          loss(experiment, parameters, Purpose::training, P == 0 ? tested : std::min(P, tested)),
          loss(experiment, parameters, Purpose::evaluation, tested)};
}

Field leading_template(const Experiment& experiment) {
  return decompose(experiment, [](const std::string&) {}).factors.row(0).transpose();
}

Factor factor(const Experiment& experiment, const Field& known) {
  const auto samples = static_cast<std::uint64_t>(decompose_spec(experiment).samples);
  const Field t = leading_template(experiment);
  Eigen::MatrixXd fresh(t.size(), samples);
  fresh_samples(experiment.task[0].input, experiment.seed)(samples, fresh);
  const ProjectedCumulants along = projected_cumulants(fresh, t);
  const Weights field = t.transpose(), of = known.transpose();
  return {found_share(experiment.torus(), field, of) == 1.0, inverse_participation_ratio(t),
          matching(experiment.torus(), field, of).mean_similarity,
          along.value[0] / along.standard_error[0]};
}
