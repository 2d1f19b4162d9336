"""Wrong uses of the library that must not compile, and what the compiler then says.

wrong_use.py --prefix WHERE_POPFLOW_IS_INSTALLED --compiler CXX

A message that is given must be among the compiler's errors. The right use, at the end, compiles: a
test that compiles nothing would not notice.
"""

import argparse
import concurrent.futures
import os
import subprocess
import sys

import installed

HEAD = """
#include <popflow/popflow.hpp>
using namespace popflow;

const Torus ring({8});
const GaussianField field(ring, gaussian_correlation(ring, 2.0));
const Task task = {{1.0, 0.5, field}, {-1.0, 0.5, gaussian_clone(NonlinearGaussianField(field, 1.0))}};
const QuarticFlow flow(task, Neuron{}, Loss::squared);
const Parameters parameters(1, 8);
const Eigen::VectorXd zeros = Eigen::VectorXd::Zero(2);
struct Decay {
  Eigen::Index dimension() const { return 2; }
  void operator()(const Eigen::VectorXd& w, Eigen::VectorXd& dwdt, double) const { dwdt = -w; }
};
struct Model {
  Torus ring;
  %s
  Field covariance() const { return Field::Unit(8, 0); }
  double four_point(int, int, int) const { return 0.0; }
  void sample(RandomStream&, Eigen::Ref<Field> out) const { out.setZero(); }
};
"""
WITH_TORUS = "const Torus& torus() const { return ring; }"

WRONG = {
    "the values of parameters are no state of a flow": (
        "auto run = integrate(flow, parameters.values, {0.0, 1.0});",
        "State",
    ),
    "a vector is no state of a flow of networks": ("flow(Eigen::VectorXd::Zero(8));", "State"),
    "a state is no vector of a flow of one's own": (
        "auto run = integrate(Decay{}, flow.state(parameters), {0.0, 1.0});",
        "State",
    ),
    "the weights of a vector": ("flow.weights(Eigen::VectorXd::Zero(8));", "State"),
    "the Jacobian at a vector": ("jacobian(flow, Eigen::VectorXd::Zero(8));", "State"),
    "the values of a state cannot be resized": (
        "State w = flow.state(parameters); w.values() = Eigen::VectorXd(9), w.values().resize(9, 9),"
        " w.values().conservativeResize(9);",
        "conservativeResize",
    ),
    "a model without a spectrum": (
        "Input input = Model{ring};",
        "a model of inputs must have a member `Field spectrum() const`",
    ),
    **{
        f"a flow without a dimension: {call}": (
            "struct Own { void operator()(const Eigen::VectorXd&, Eigen::VectorXd&, double) {} } own;"
            f"Eigen::VectorXd w = zeros; {call};",
            "a flow must have a member `Eigen::Index dimension() const`",
        )
        for call in (
            "integrate(own, w, {0.0, 1.0})",
            "integrate_fixed(own, w, {0.0, 1.0})",
            "find_fixed_point(own, w)",
            "jacobian(own, w)",
            "follow_branch([&](double) { return own; }, w, {0.0, 1.0})",
        )
    },
}
RIGHT = (
    "auto run = integrate(flow, flow.state(parameters), {0.0, 1.0});"
    "auto own = integrate(Decay{}, Eigen::VectorXd::Ones(2), {0.0, 1.0});"
    "auto J = jacobian(flow, run.last); auto u = flow.weights(run.last);"
)


def errors(body, arguments):
    """The compiler's messages for a program; empty if it compiles."""
    program = f"{HEAD % WITH_TORUS}\nint main() {{ {body} }}\n"
    command = [arguments.compiler, installed.STANDARD, "-fsyntax-only", "-xc++", "-"]
    command += installed.flags(arguments.prefix, "--cflags")
    run = subprocess.run(command, input=program, capture_output=True, text=True)
    return run.stderr if run.returncode else None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--prefix", required=True)
    parser.add_argument("--compiler", required=True)
    arguments = parser.parse_args()
    failures = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        found = {
            what: pool.submit(errors, body, arguments) for what, (body, _) in WRONG.items()
        }
        right = pool.submit(errors, RIGHT, arguments)
        if right.result():
            failures += 1
            print(f"the right use does not compile:\n{right.result()}")
        for what, (_, message) in WRONG.items():
            said = found[what].result()
            if said is None or message not in said:
                failures += 1
                print(f"{what}: {'compiles' if said is None else said}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
