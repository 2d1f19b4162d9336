#pragma once

/// A small experiment with most keys, from which tests make others by changing a line.
inline constexpr const char* good_experiment = R"(seed = 7

[lattice]
shape = [12]

[[class]]
label = 1
probability = 0.5
input = { model = "nlgp", gain = 3.0, correlation_length = 2.0 }

[[class]]
label = -1
probability = 0.5
input = { model = "nlgp", gain = 3.0, correlation_length = 1.0, wrapping = "nearest" }

[network]
hidden = 1
activation = "erf"
loss = "squared"
bias = [-1.0]
second_layer = 1.0
initial_scale = 0.1

[flow]
kind = "quartic"
t_end = 1.0
snapshots = 3

[sgd]
learning_rate = 0.05
batch = 10
t_end = 1.0
snapshots = 3
gradient = "network"
runs = 1
precision = "double"
)";
