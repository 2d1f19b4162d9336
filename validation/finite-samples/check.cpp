#include <algorithm>
#include <chrono>
#include <cmath>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "popflow/dynamics/train.hpp"
#include "popflow/experiment/decompose.hpp"
#include "popflow/experiment/read.hpp"
#include "popflow/measure/matching.hpp"
#include "popflow/measure/receptive_field.hpp"
#include "popflow/tensor/sample_cp.hpp"
#include "popflow/training/evaluation.hpp"

#include "claim.hpp"

using namespace popflow;

int main(int argc, char** argv) {
  Claim claim(argc, argv);
  FourierTransform fourier(Torus({40}));
  const auto train_one = [&](std::string model, long P, int seed, double t_end, int snaps, auto&& obs) {
    const Experiment e = read_experiment(
        claim.experiment(),
        {fmt::format("class.0.input.model={}", model), fmt::format("class.1.input.model={}", model),
         fmt::format("seed={}", seed), fmt::format("sgd.samples={}", P),
         fmt::format("sgd.t_end={}", t_end), fmt::format("sgd.snapshots={}", snaps)});
    Parameters p = initial_parameters(e);
    train(e.task, network_of(e), p, snapshot_times(sgd_spec(e)),
          [&](const Parameters& now, double tau) { obs(e, now, tau); }, training_options(e));
    return p;
  };
  Weights reference;
  train_one("nlgp", 0, 1000, 3200, 2, [&](auto&, const Parameters& now, double) {
    reference = Weights(now.first().topRows(4));
  });
  const char* seeds_env = std::getenv("SEEDS");
  const int seeds = seeds_env ? std::atoi(seeds_env) : 2;
  for (std::string model : {"nlgp", "gp-clone"})
    for (long P : {16L, 64L, 256L, 1024L, 4096L, 16384L, 65536L, 0L})
      for (int seed = 1; seed <= seeds; ++seed) {
        const auto t0 = std::chrono::steady_clock::now();
        train_one(model, P, seed, 3200, 8, [&](const Experiment& e, const Parameters& now, double tau) {
          if (tau == 0) return;
          const Weights u = now.first().topRows(4);
          const Eigen::MatrixXd s = similarity_matrix(fourier, u, reference, {true, true});
          fmt::print("{:>9} {:>6} {} {:7.1f}", model, P, seed, tau / 8);
          for (int k = 0; k < 4; ++k)
            fmt::print("  {:.3f}/{:.3f}", inverse_participation_ratio(Field(u.row(k).transpose())),
                       s.row(k).maxCoeff());
          const auto te = evaluate(e.task, network_of(e), std::span(&now, 1),
                                   {e.seed, Purpose::evaluation, 0}, 4000);
          const auto tr = evaluate(e.task, network_of(e), std::span(&now, 1),
                                   {e.seed, Purpose::training, 0}, P > 0 ? std::min(P, 4000L) : 4000L);
          fmt::print("  |u| {:.2f} loss {:.4f} {:.4f}\n", u.norm() / 2, tr[0].loss, te[0].loss);
        });
        fmt::print("  {:.2f} s\n", std::chrono::duration<double>(std::chrono::steady_clock::now() - t0).count());
      }
}
