// An input of one's own, stripes at a random place: any type with these five members is an input.
#include <fmt/core.h>

#include "popflow/dynamics/integrate.hpp"
#include "popflow/flow/quartic_flow.hpp"
#include "popflow/input/check_input.hpp"
#include "popflow/input/correlation.hpp"
#include "popflow/measure/receptive_field.hpp"
using namespace popflow;

struct Stripes {
  Torus ring;
  int width;
  int at(int site) const { return site % ring.sites() / width % 2 == 0 ? 1 : -1; }
  const Torus& torus() const { return ring; }
  double four_point(int a, int b, int c) const {  // E x_0 x_a x_b x_c, the mean over all places
    int sum = 0;
    for (int s = 0; s < ring.sites(); ++s) sum += at(s) * at(s + a) * at(s + b) * at(s + c);
    return 1.0 * sum / ring.sites();
  }
  Field covariance() const {
    return Field::NullaryExpr(ring.sites(), [this](int a) { return four_point(a, 0, 0); });
  }
  Field spectrum() const { return covariance_spectrum(ring, covariance()); }
  void sample(RandomStream& stream, Eigen::Ref<Field> out) {
    const int place = int(stream.uniform() * ring.sites());
    for (int s = 0; s < ring.sites(); ++s) out[s] = at(s + place);
  }
};

int main() {  // a neuron that tells wide stripes from narrow ones sees an edge: two sites
  const Torus ring({40});
  const Task task = {{+1, 0.5, Stripes{ring, 20}}, {-1, 0.5, Stripes{ring, 1}}};
  for (const TaskClass& c : task)  // are the samples what the moments say?
    if (const InputReport report = check_input(c.input); !report.passed())
      fmt::print("{}", text(report));
  const QuarticFlow flow(task, {Erf{}, -1.0, 1.0}, Loss::squared);
  const auto run = integrate(flow, flow.state(0.01 * Weights::Random(1, 40)), {0.0, 200.0});
  fmt::print("IPR = {:.3f}\n", inverse_participation_ratio(flow.weights(run.last).row(0)));
}
