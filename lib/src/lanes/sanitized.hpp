#pragma once

// POPFLOW_SANITIZED: a sanitizer watches memory or threads. Code that runs before main, such as the
// choice of target_clones, or that replaces malloc, then fails. GCC and clang announce sanitizers
// in different ways.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define POPFLOW_SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define POPFLOW_SANITIZED
#endif
#endif
