#pragma once

// POPFLOW_SANITIZED: memory or threads are watched. What runs before main, such as the choice of
// target_clones, or takes malloc's place, then fails. GCC and clang tell in ways of their own.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define POPFLOW_SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define POPFLOW_SANITIZED
#endif
#endif
