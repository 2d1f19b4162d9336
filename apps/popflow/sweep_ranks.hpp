#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>

#include "popflow/results/sweep_results.hpp"

#include "point_desk.hpp"

namespace popflow {

/// The processes that share a sweep: the ranks of mpirun, or this process alone. Rank 0 has the
/// desk; the others ask it for points and give it finished ones.
class SweepRanks {
 public:
  /// Joins the other ranks, if mpirun or the like started this process; else MPI is not touched.
  SweepRanks();
  SweepRanks(const SweepRanks&) = delete;
  SweepRanks& operator=(const SweepRanks&) = delete;

  /// Rank 0 stops the others, which leave within a step of their flows; a rank that does not is
  /// dead or hangs, and MPI ends them all.
  ~SweepRanks();

  int rank() const;
  int size() const;

  /// Rank 0 calls when it is ready; the others wait for it. False when it never will be.
  bool start();

  /// For rank 0: gives points to the other ranks until they have all left, or interrupted(). Called
  /// by the thread that made this object.
  void serve(PointDesk& desk);

  /// For the other ranks, by any thread: the points that rank 0 has, and whether rank 0 stopped
  /// them.
  std::optional<std::size_t> next();
  void finished(std::size_t number, const SweepPoint& point);
  bool stopped();

 private:
  struct Mpi;

  bool all_have_left() const;
  bool answer(PointDesk* desk);

  std::unique_ptr<Mpi> mpi_;  // none: this process is alone
  std::mutex lock_;           // of mpi_, for the threads of ranks other than 0
  bool started_ = false;
  int present_ = 0;  // how many of the others have not left
};

}  // namespace popflow
