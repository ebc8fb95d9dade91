// Which mutex guards what, for readers and for clang (-Wthread-safety); other compilers see nothing of it.
// The standard library's mutex is no capability for clang unless it is told so:
// -D_LIBCPP_ENABLE_THREAD_SAFETY_ANNOTATIONS with libc++.
#pragma once

#if defined(__clang__)
#define HALLEY_GUARDED_BY(mutex) __attribute__((guarded_by(mutex)))
#define HALLEY_REQUIRES(mutex) __attribute__((requires_capability(mutex)))
#define HALLEY_EXCLUDES(mutex) __attribute__((locks_excluded(mutex)))
#else
#define HALLEY_GUARDED_BY(mutex)
#define HALLEY_REQUIRES(mutex)
#define HALLEY_EXCLUDES(mutex)
#endif
