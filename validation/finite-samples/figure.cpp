#include "figure.hpp"

#include <cstdio>
#include <cstdlib>
#include <string>

#include <fmt/core.h>

namespace {

// Columns: P, then mean and error of: share of neurons, of factors, of certain ones; train loss,
// test loss.
void put(std::FILE* script, const char* name, const std::vector<Row>& rows) {
  fmt::print(script, "${} << EOD\n", name);
  for (const Row& row : rows) {
    if (row.samples == 0) continue;
    fmt::print(script, "{}", row.samples);
    for (const Estimate& e :
         {over(row.networks, &Learnt::found), over(row.factors, &Factor::found),
          over(row.factors, &Factor::certain), over(row.networks, &Learnt::train_loss),
          over(row.networks, &Learnt::test_loss)})
      fmt::print(script, " {} {}", e.mean, e.error);
    fmt::print(script, "\n");
  }
  fmt::print(script, "EOD\n");
}

std::string curve(const std::string& of, int column, const std::string& style,
                  const std::string& title) {
  return fmt::format("{} using 1:{}:{} with yerrorlines linewidth 2.5 {} title '{}'", of, column,
                     column + 1, style, title);
}

std::string level(double value, const std::string& style, const std::string& title) {
  return fmt::format("{} with lines linewidth 1.5 {} title '{}'", value, style, title);
}

}  // namespace

void draw(Claim& claim, const std::vector<Row>& nlgp, const std::vector<Row>& clone) {
  const std::string blue = "linecolor '#0072B2'", orange = "linecolor '#D55E00'",
                    green = "linecolor '#009E73'", black = "linecolor '#000000'";
  std::FILE* script = std::fopen("finite-samples.gp", "w");
  fmt::print(script,
             "set terminal svg size 1100,680 font 'sans,17' background '#FFFFFF'\n"
             "set output 'finite-samples.svg'\nset encoding utf8\nset border 3\n"
             "set tics nomirror out\nset grid linecolor '#DDDDDD'\nset logscale x 2\n"
             "set format x '2^{{%L}}'\nset xtics 4\nset xlabel 'samples P (of both classes)'\n"
             "set key bmargin center horizontal maxcols 1 Left reverse\n");
  put(script, "nlgp", nlgp);
  put(script, "clone", clone);
  fmt::print(script,
             "set multiplot layout 1,2\nset bmargin 11\nset title 'what is found'\n"
             "set ylabel 'share (of neurons, of seeds)'\nset yrange [-0.03:1.05]\nplot {}, {}, {}, "
             "{}, {}, {}\n",
             curve("$nlgp", 2, "pointtype 7 " + blue, "NLGP, neurons of negative bias"),
             curve("$nlgp", 6, "pointtype 5 " + green, "NLGP, leading CP factor, significant"),
             curve("$nlgp", 4, "pointtype 9 dashtype 3 " + green, "NLGP, leading CP factor"),
             curve("$clone", 2, "pointtype 7 dashtype 2 " + orange, "Gaussian clone, neurons"),
             curve("$clone", 4, "pointtype 4 dashtype 2 " + orange, "Gaussian clone, CP factor"),
             level(over(nlgp.back().networks, &Learnt::found).mean, black,
                   "NLGP, neurons, fresh samples"));
  fmt::print(script,
             "set title 'loss of the network'\nset ylabel 'squared loss, mean over samples'\n"
             "set yrange [0:*]\nplot {}, {}, {}, {}, {}, {}\nunset multiplot\n",
             curve("$nlgp", 10, "pointtype 7 " + blue, "NLGP, fresh samples (test)"),
             curve("$nlgp", 8, "pointtype 6 dashtype 3 " + blue, "NLGP, training samples"),
             curve("$clone", 10, "pointtype 5 dashtype 2 " + orange, "Gaussian clone, test"),
             curve("$clone", 8, "pointtype 4 dashtype 3 " + orange, "Gaussian clone, training"),
             level(over(nlgp.back().networks, &Learnt::test_loss).mean, black,
                   "NLGP, test, trained on fresh samples"),
             level(over(clone.back().networks, &Learnt::test_loss).mean, "dashtype 2 " + black,
                   "Gaussian clone, the same"));
  std::fclose(script);
  claim.require(std::system("gnuplot finite-samples.gp") == 0, "figure drawn");
}
