#include <array>
#include <atomic>
#include <thread>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "popflow/lattice/scratch.hpp"

#include "allocation_precondition.hpp"

BOOST_AUTO_TEST_SUITE(scratch_vectors)

using namespace popflow;
using namespace popflow::test;

namespace {

// Two of each kind, and one of another size.
std::array<const void*, 7> lent_once() {
  Scratch scratch;
  return {scratch.field(11).data(),    scratch.field(11).data(),    scratch.field(12).data(),
          scratch.spectrum(11).data(), scratch.spectrum(11).data(), scratch.matrix(3, 4).data(),
          scratch.matrix(3, 4).data()};
}

}  // namespace

BOOST_AUTO_TEST_CASE(lent_vectors_have_their_size_and_do_not_overlap) {
  Scratch scratch;
  std::vector<Field*> fields;
  std::vector<Spectrum*> spectra;
  std::vector<Eigen::MatrixXd*> matrices;
  for (const int size : {5, 5, 3, 5, 8, 3}) {
    fields.push_back(&scratch.field(size));
    spectra.push_back(&scratch.spectrum(size));
    matrices.push_back(&scratch.matrix(size, 2));
    BOOST_TEST(fields.back()->size() == size);
    BOOST_TEST(spectra.back()->size() == size);
    BOOST_TEST(matrices.back()->rows() == size);
    BOOST_TEST(matrices.back()->cols() == 2);
  }
  for (std::size_t n = 0; n < fields.size(); ++n) {
    const auto number = static_cast<double>(n);
    fields[n]->setConstant(number);
    spectra[n]->setConstant({number, -number});
    matrices[n]->setConstant(10.0 + number);
  }
  for (std::size_t n = 0; n < fields.size(); ++n) {
    const auto number = static_cast<double>(n);
    BOOST_TEST((fields[n]->array() == number).all());
    BOOST_TEST((spectra[n]->real().array() == number).all());
    BOOST_TEST((spectra[n]->imag().array() == -number).all());
    BOOST_TEST((matrices[n]->array() == 10.0 + number).all());
  }
}

BOOST_AUTO_TEST_CASE(lent_vectors_are_given_back) {
  const auto first = lent_once();
  BOOST_TEST((lent_once() == first));
}

BOOST_AUTO_TEST_CASE(an_inner_scope_leaves_the_outer_ones_vectors_alone) {
  Scratch outer;
  Field& before = outer.field(9);
  before.setConstant(1.0);
  const double* inside = nullptr;
  {
    Scratch inner;
    inside = inner.field(9).data();
    BOOST_TEST(inside != before.data());
    for (int n = 0; n < 100; ++n) inner.field(9).setConstant(2.0);
  }
  Field& after = outer.field(9);
  BOOST_TEST(after.data() == inside);
  after.setConstant(3.0);
  BOOST_TEST((before.array() == 1.0).all());
}

BOOST_AUTO_TEST_CASE(a_second_use_allocates_nothing,
                     *boost::unit_test::precondition(counting_allocations)) {
  lent_once();
  const std::size_t before = allocation_count();
  lent_once();
  BOOST_TEST(allocation_count() == before);
}

BOOST_AUTO_TEST_CASE(each_thread_has_its_own) {
  std::atomic<int> overwritten = 0;
  const auto use = [&overwritten](double number) {
    for (int n = 0; n < 200; ++n) {
      Scratch scratch;
      Field& field = scratch.field(6);
      field.setConstant(number);
      std::this_thread::yield();
      if (!(field.array() == number).all()) ++overwritten;
    }
  };
  std::vector<std::thread> others;
  for (int t = 1; t < 8; ++t) others.emplace_back(use, t);
  use(0.0);
  for (std::thread& other : others) other.join();
  BOOST_TEST(overwritten == 0);
}

BOOST_AUTO_TEST_SUITE_END()
