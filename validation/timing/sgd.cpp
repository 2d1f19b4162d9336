// Samples per second of online SGD (K = 8, erf, NLGP g = 3, minibatches of 1000, sampling
// included), and the limit that this processor's own rates set: normal numbers, erf and exp by the
// library's vector kernels on data in the cache, matrix products by OpenBLAS if it is installed
// (otherwise by the library's own kernel), Fourier transforms by FFTW; on as many threads.
// --json prints one object, for sgd.py; --smoke is short.

#include "popflow/training/sgd.hpp"

#include <cmath>
#include <string_view>
#include <thread>
#include <vector>

#include <dlfcn.h>
#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "popflow/input/correlation.hpp"
#include "popflow/input/nonlinear_gaussian_field.hpp"
#include "popflow/threads/parallel_for.hpp"

#include "input/gaussian_modes.hpp"
#include "input/philox.hpp"
#include "input/philox_lanes.hpp"
#include "input/squash.hpp"
#include "lanes/dispatch.hpp"
#include "measure.hpp"
#include "network/network_kernels.hpp"

namespace {

using namespace popflow;

constexpr int hidden = 8, batch = 1000;

template <class Real>
using Aligned = std::vector<Real, boost::alignment::aligned_allocator<Real, 64>>;

Task nlgp_task(const Torus& torus) {
  const auto nlgp = [&torus](double xi) {
    return NonlinearGaussianField(GaussianField(torus, gaussian_correlation(torus, xi)), 3.0);
  };
  return {{1.0, 0.5, nlgp(8.0)}, {-1.0, 0.5, nlgp(1.0)}};
}

Parameters small_parameters(int sites) {
  Parameters parameters(hidden, sites);
  for (Eigen::Index k = 0; k < hidden; ++k) {
    for (int i = 0; i < sites; ++i)
      parameters.first()(k, i) = 0.1 / std::sqrt(sites) * std::sin(1.0 + 7.0 * double(k) + i * i);
    parameters.bias()[k] = k < hidden / 2 ? -1.0 : 1.0;
    parameters.second()[k] = 1.0 / hidden;
  }
  return parameters;
}

// Median samples a second of whole steps.
template <class Real>
double samples_per_second(const Task& task, int runs, double seconds) {
  Parameters parameters = small_parameters(lattice_of(task).sites());
  Sgd<Real> sgd(task, {}, parameters, {{.batch = batch}});
  std::uint64_t step = 0;
  const auto train = [&] { parameters.values -= 0.05 * sgd.gradient(parameters, step++).values; };
  return batch / median_seconds(train, runs, seconds);
}

// Seconds of one call of f when every thread calls its own at once; f(thread).
template <class F>
double seconds_on_all_threads(const F& f, int runs, double seconds) {
  std::vector<double> each(static_cast<std::size_t>(thread_count()));
  std::vector<std::thread> threads;
  for (int thread = 0; thread < thread_count(); ++thread)
    threads.emplace_back([&, thread] {
      each[static_cast<std::size_t>(thread)] =
          median_seconds([&f, thread] { f(thread); }, runs, seconds);
    });
  for (std::thread& thread : threads) thread.join();
  double sum = 0.0;
  for (const double own : each) sum += own / static_cast<double>(each.size());
  return sum;
}

// Operations a second, all threads together.
struct Rates {
  double normals, erf, exp, flops, transform_seconds;
  bool openblas;
};

using Sgemm = void (*)(int, int, int, int, int, int, float, const float*, int, const float*, int,
                       float, float*, int);

// OpenBLAS is found at run time: the library does without it.
Sgemm openblas_sgemm() {
  void* const library = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
  if (!library) return nullptr;
  if (auto* const set = reinterpret_cast<void (*)(int)>(dlsym(library, "openblas_set_num_threads")))
    set(1);
  return reinterpret_cast<Sgemm>(dlsym(library, "cblas_sgemm"));
}

double normal_rate(int runs, double seconds) {
  static constexpr int blocks = 16, modes = 2 * blocks;  // handed on by reference
  struct Scratch {
    PhiloxLanes counters;
    Aligned<std::uint32_t> words = Aligned<std::uint32_t>(blocks * words_of_block);
    Aligned<float> spectrum = Aligned<float>(2 * modes * lanes);
    std::vector<GaussianMode<float>> modes_of;
  };
  const std::vector<std::uint64_t> indices(lanes, 7);
  std::vector<Scratch> scratch(static_cast<std::size_t>(thread_count()));
  for (Scratch& own : scratch) {
    own.counters = philox_lanes({1, Purpose::training}, LaneIndices(indices.data(), lanes));
    for (int m = 0; m < modes; ++m) own.modes_of.push_back({m, 2 * m, 2 * m + 1, 1.0F});
  }
  const auto draw = [&scratch](int thread) {
    Scratch& own = scratch[static_cast<std::size_t>(thread)];
    dispatch(Philox{}, own.counters, 0U, blocks, own.words.data());
    dispatch(DrawModes<float>{}, own.words.data(), own.modes_of.data(), modes, own.spectrum.data());
  };
  return 2.0 * modes * lanes * thread_count() / seconds_on_all_threads(draw, runs, seconds);
}

// The rates of erf by the sampler's kernel, and of erf and exp by an activation's kernel: the
// difference is exp.
Rates pointwise_rates(int runs, double seconds) {
  constexpr int count = 4096;
  const auto threads = static_cast<std::size_t>(thread_count());
  std::vector<Aligned<float>> x(threads, Aligned<float>(count, 0.3F)), slope = x;
  const auto erf = [&x](int t) {
    dispatch(Squash<float>{}, 1.0F, 1.0F, x[static_cast<std::size_t>(t)].data(),
             std::ptrdiff_t{count});
  };
  const auto both = [&](int t) {
    network_kernels<float>().activate({SigmaKind::erf, nullptr, 0}, count / lanes,
                                      x[static_cast<std::size_t>(t)].data(),
                                      slope[static_cast<std::size_t>(t)].data());
  };
  Rates rates{};
  const double operations = count * static_cast<double>(threads);
  rates.erf = operations / seconds_on_all_threads(erf, runs, seconds);
  rates.exp = operations / seconds_on_all_threads(both, runs, seconds);  // with an erf each
  return rates;
}

double flop_rate(Sgemm sgemm, int runs, double seconds) {
  constexpr int n = 384, row_major = 101, plain = 111;
  constexpr int groups = 8, sites = 128;
  const auto threads = static_cast<std::size_t>(thread_count());
  std::vector<Aligned<float>> a(threads, Aligned<float>(n * n, 0.5F)), b = a, c = a;
  const auto own_kernel = [&](int t) {
    const auto i = static_cast<std::size_t>(t);
    network_kernels<float>().preactivations(groups, {hidden, sites, a[i].data(), b[i].data()},
                                            b[i].data(), c[i].data());
  };
  const auto blas = [&](int t) {
    const auto i = static_cast<std::size_t>(t);
    sgemm(row_major, plain, plain, n, n, n, 1.0F, a[i].data(), n, b[i].data(), n, 0.0F, c[i].data(),
          n);
  };
  const double flops = sgemm ? 2.0 * n * n * n : 2.0 * groups * lanes * hidden * sites;
  const double time = sgemm ? seconds_on_all_threads(blas, runs, seconds)
                            : seconds_on_all_threads(own_kernel, runs, seconds);
  return flops * static_cast<double>(threads) / time;
}

Rates rates_of(const Torus& torus, int runs, double seconds) {
  Rates rates = pointwise_rates(runs, seconds);
  rates.normals = normal_rate(runs, seconds);
  const Sgemm sgemm = openblas_sgemm();
  rates.openblas = sgemm != nullptr;
  rates.flops = flop_rate(sgemm, runs, seconds);
  const LaneFourier<float> fourier(torus);
  const auto threads = static_cast<std::size_t>(thread_count());
  std::vector<Aligned<float>> in(threads, Aligned<float>(torus.sites() * lanes, 0.1F)), out = in;
  const auto transform = [&](int t) {
    fourier.sum(in[static_cast<std::size_t>(t)].data(), out[static_cast<std::size_t>(t)].data());
  };
  rates.transform_seconds =
      seconds_on_all_threads(transform, runs, seconds) / (lanes * static_cast<double>(threads));
  return rates;
}

// Samples a second if every operation ran at its rate, one after another: N normals, N erfs, K erfs
// with their slopes, and two products of K x N with a sample; with the Fourier transform, or as if
// correlating the fields cost nothing.
double limit(const Rates& rates, int sites, bool transform) {
  const double N = sites, K = hidden;
  return 1.0 / (N / rates.normals + N / rates.erf + K / rates.exp + 4.0 * N * K / rates.flops +
                (transform ? rates.transform_seconds : 0.0));
}

}  // namespace

int main(int argc, char** argv) {
  bool smoke = false, json = false;
  for (int i = 1; i < argc; ++i) {
    smoke = smoke || std::string_view(argv[i]) == "--smoke";
    json = json || std::string_view(argv[i]) == "--json";
  }
  const int runs = smoke ? 3 : 9;
  const double seconds = smoke ? 2e-3 : 0.1;
  nlohmann::json object;
  if (!json)
    fmt::print("{:>8}  {:>10}  {:>10}  {:>9}  {:>9}  {:>6}  {:>8}\n", "lattice", "single/s",
               "double/s", "limit/s", "with FFT", "share", "with FFT");
  for (const auto& shape : {std::vector{100}, {20, 20}}) {
    const Torus torus(shape);
    const Task task = nlgp_task(torus);
    const double single = samples_per_second<float>(task, runs, seconds),
                 doubles = samples_per_second<double>(task, runs, seconds);
    const Rates rates = rates_of(torus, runs, seconds / 10.0);
    const double bare = limit(rates, torus.sites(), false),
                 full = limit(rates, torus.sites(), true);
    const std::string name = shape.size() == 1 ? "100" : "20 x 20";
    object[name] = {{"single", single},       {"double", doubles},         {"limit", bare},
                    {"limit_with_fft", full}, {"normals", rates.normals},  {"erf", rates.erf},
                    {"flops", rates.flops},   {"openblas", rates.openblas}};
    if (!json)
      fmt::print("{:>8}  {:>10.3g}  {:>10.3g}  {:>9.3g}  {:>9.3g}  {:>6.2f}  {:>8.2f}\n", name,
                 single, doubles, bare, full, single / bare, single / full);
  }
  if (json)
    fmt::print("{}\n", object.dump());
  else
    fmt::print("{} threads; normals {:.3g}/s, erf {:.3g}/s, products {:.3g} flop/s ({})\n",
               thread_count(), object["100"]["normals"].get<double>(),
               object["100"]["erf"].get<double>(), object["100"]["flops"].get<double>(),
               object["100"]["openblas"].get<bool>() ? "OpenBLAS" : "own kernel");
  return 0;
}
