#include "sweep_ranks.hpp"

#include <chrono>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include <boost/mpi/collectives.hpp>
#include <boost/mpi/communicator.hpp>
#include <boost/mpi/environment.hpp>
#include <boost/serialization/string.hpp>

#include "interrupt.hpp"
#include "sweep_journal.hpp"

namespace popflow {

namespace mpi = boost::mpi;

namespace {

// Kinds of messages. Ranks other than 0 ask for a point and get its number; they bring finished
// points; they leave. Rank 0 stops them.
enum Tag : int { ask, assign, bring, leave, stop };

constexpr long no_point = -1;
constexpr std::chrono::milliseconds pause(1);
// Far more than a step of any flow.
constexpr std::chrono::seconds patience(30);

// Open MPI, PMIx (srun and others), MPICH and Intel MPI say so.
bool started_by_mpi() {
  for (const char* variable : {"OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMI_RANK"})
    if (std::getenv(variable) != nullptr) return true;
  return false;
}

}  // namespace

struct SweepRanks::Mpi {
  // The threads of a rank take turns. Exceptions end one rank by its own message, not all by abort.
  mpi::environment environment{mpi::threading::serialized, false};
  mpi::communicator world;
};

SweepRanks::SweepRanks() {
  if (!started_by_mpi()) return;
  mpi_ = std::make_unique<Mpi>();
  present_ = rank() == 0 ? size() - 1 : 0;
}

SweepRanks::~SweepRanks() {
  if (!mpi_) return;
  if (rank() > 0) {
    if (started_) mpi_->world.send(0, leave);
    return;
  }
  if (!started_) {
    mpi::broadcast(mpi_->world, started_, 0);
    return;
  }
  if (all_have_left()) return;
  for (int r = 1; r < size(); ++r) mpi_->world.isend(r, stop);
  const auto end = std::chrono::steady_clock::now() + patience;
  while (!all_have_left()) {
    if (std::chrono::steady_clock::now() > end) mpi_->environment.abort(1);
    if (!answer(nullptr)) std::this_thread::sleep_for(pause);
  }
}

int SweepRanks::rank() const { return mpi_ ? mpi_->world.rank() : 0; }
int SweepRanks::size() const { return mpi_ ? mpi_->world.size() : 1; }
bool SweepRanks::all_have_left() const { return present_ == 0; }

bool SweepRanks::start() {
  started_ = rank() == 0;
  if (mpi_) mpi::broadcast(mpi_->world, started_, 0);
  return started_;
}

void SweepRanks::serve(PointDesk& desk) {
  while (!all_have_left() && !interrupted())
    if (!answer(&desk)) std::this_thread::sleep_for(pause);
}

// Takes one message, if there is one. Without a desk there are no more points, and what is brought
// is dropped.
bool SweepRanks::answer(PointDesk* desk) {
  const auto message = mpi_->world.iprobe(mpi::any_source, mpi::any_tag);
  if (!message) return false;
  const int from = message->source();
  if (message->tag() == ask) {
    mpi_->world.recv(from, ask);
    const auto point = desk ? desk->next(from) : std::nullopt;
    mpi_->world.send(from, assign, point ? static_cast<long>(*point) : no_point);
  } else if (message->tag() == bring) {
    std::string line;
    mpi_->world.recv(from, bring, line);
    auto [n, point] = point_of(line);
    if (desk) desk->finished(n, std::move(point));
  } else {
    mpi_->world.recv(from, leave);
    --present_;
  }
  return true;
}

std::optional<std::size_t> SweepRanks::next() {
  const std::lock_guard guard(lock_);
  mpi_->world.send(0, ask);
  long point = no_point;
  mpi_->world.recv(0, assign, point);
  if (point == no_point) return {};
  return static_cast<std::size_t>(point);
}

void SweepRanks::finished(std::size_t number, const SweepPoint& point) {
  const std::lock_guard guard(lock_);
  mpi_->world.send(0, bring, line_of(number, point));
}

bool SweepRanks::stopped() {
  const std::lock_guard guard(lock_);
  return mpi_->world.iprobe(0, stop).has_value();
}

}  // namespace popflow
