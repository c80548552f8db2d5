// What Swift cannot do: a signal handler. Swift promises for none of its code that it may run in one (globals may be
// initialised on first use, accesses be recorded, objects be retained), and has no atomics in memory that it is given.
#ifndef CCRASHMARK_H
#define CCRASHMARK_H

#include <stdint.h>

/// Where a crash is noted: in memory that a file keeps when the process is gone.
typedef struct {
  /// 0: no crash; 1: one is being noted; 2: it is noted.
  uint64_t state;
  /// The number of the signal.
  int64_t signal;
  /// The kernel's number of the thread that crashed.
  int64_t thread;
  /// The signal's code (sigaction(2), `si_code`).
  int64_t code;
} understudy_crash_mark;

/// From now on the first SIGSEGV, SIGABRT, SIGFPE, SIGILL, SIGBUS or SIGTRAP that the process brings upon itself is noted
/// in `mark`. The process dies by it as before. What others send is not noted.
/// Returns 0, or the error's number.
int understudy_crash_watch(understudy_crash_mark *mark);

/// Nothing is noted in `mark` any more.
void understudy_crash_forget(understudy_crash_mark *mark);

/// The kernel's number of the calling thread.
int64_t understudy_thread_number(void);

/// Stores a number behind everything that was stored before.
static inline void understudy_store_release(uint64_t *place, uint64_t value) {
  __atomic_store_n(place, value, __ATOMIC_RELEASE);
}

/// Stores a number in front of everything that is stored after.
static inline void understudy_store_first(uint64_t *place, uint64_t value) {
  __atomic_store_n(place, value, __ATOMIC_RELAXED);
  __atomic_thread_fence(__ATOMIC_RELEASE);
}

#endif
