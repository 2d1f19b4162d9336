#pragma once

#include <concepts>
#include <cstddef>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <utility>
#include <vector>

namespace popflow {

/// Copies of an object, one for each thread that uses it at the same time. They let a const object
/// hold an object that is not const. A copy is lent to one thread at a time, and later to another;
/// its results must therefore not depend on what it computed before.
///
///     Copies<Closure> copies(closure);
///     const auto own = copies.lend();  // given back at the end of the scope
///     own->evaluate();
///
/// Nothing is allocated once as many threads have called before.
template <std::copyable T>
class Copies {
 public:
  class Loan;

  explicit Copies(T original) : shelf_(std::make_shared<Shelf>(std::move(original))) {}

  /// Throws std::logic_error if this object was moved from.
  Loan lend() const {
    if (!shelf_) throw std::logic_error("copies: were moved from");
    return Loan(shelf_->take(), shelf_);
  }

  /// The original, which is never lent.
  const T& original() const { return shelf_->original; }

 private:
  struct Shelf {
    explicit Shelf(T made) : original(std::move(made)) {}

    std::unique_ptr<T> take() {
      {
        const std::lock_guard guard(mutex);
        if (!free.empty()) {
          std::unique_ptr<T> object = std::move(free.back());
          free.pop_back();
          return object;
        }
        free.reserve(++copies);  // so that none is given back in vain
      }
      return std::make_unique<T>(original);
    }

    void take_back(std::unique_ptr<T> object) {
      const std::lock_guard guard(mutex);
      free.push_back(std::move(object));
    }

    const T original;
    std::mutex mutex = {};
    std::size_t copies = 0;
    std::vector<std::unique_ptr<T>> free = {};
  };

  std::shared_ptr<Shelf> shelf_;  // copies share it
};

/// A copy that is lent, until the end of this object.
template <std::copyable T>
class Copies<T>::Loan {
 public:
  Loan(std::unique_ptr<T> object, std::shared_ptr<Shelf> shelf)
      : object_(std::move(object)), shelf_(std::move(shelf)) {}
  Loan(const Loan&) = delete;
  Loan& operator=(const Loan&) = delete;
  ~Loan() { shelf_->take_back(std::move(object_)); }

  T& operator*() const { return *object_; }
  T* operator->() const { return object_.get(); }

 private:
  std::unique_ptr<T> object_;
  std::shared_ptr<Shelf> shelf_;
};

}  // namespace popflow
