#pragma once

#include <vector>

#include "claim.hpp"
#include "rows.hpp"

/// finite-samples.svg, by gnuplot: what is found, and the losses, over the number of samples.
void draw(Claim& claim, const std::vector<Row>& nlgp, const std::vector<Row>& clone);
