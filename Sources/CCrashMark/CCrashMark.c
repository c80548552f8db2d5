#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "CCrashMark.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

// Calls here are on the list of signal-safety(7), or plain system calls.

static const int crash_signals[] = {SIGSEGV, SIGABRT, SIGFPE, SIGILL, SIGBUS, SIGTRAP};
enum { CRASH_SIGNALS = sizeof crash_signals / sizeof crash_signals[0] };

static understudy_crash_mark *current_mark;
static struct sigaction previous[NSIG];

int64_t understudy_thread_number(void) { return syscall(SYS_gettid); }

/// Whether the process has itself to blame: the kernel's codes are above zero, those of senders tell who it was.
static int is_own(int number, const siginfo_t *info) {
#if defined(BUS_MCEERR_AR) && defined(BUS_MCEERR_AO)
  // Memory that is broken is nobody's fault.
  if (number == SIGBUS && (info->si_code == BUS_MCEERR_AR || info->si_code == BUS_MCEERR_AO)) return 0;
#endif
  if (info->si_code > 0) return 1;
  int is_sent = info->si_code == SI_USER || info->si_code == SI_QUEUE || info->si_code == SI_TKILL;
  return is_sent && info->si_pid == getpid();
}

/// Whoever watched before, such as Swift's backtracer, sees a crash as the kernel has told it.
static void tell_previous(int number, siginfo_t *info, void *context) {
  const struct sigaction *action = &previous[number];
  if (action->sa_flags & SA_SIGINFO) {
    action->sa_sigaction(number, info, context);
  } else if (action->sa_handler != SIG_DFL && action->sa_handler != SIG_IGN) {
    action->sa_handler(number);
  }
}

static void note_crash(int number, siginfo_t *info, void *context) {
  understudy_crash_mark *mark = __atomic_load_n(&current_mark, __ATOMIC_ACQUIRE);
  int own = is_own(number, info);
  uint64_t none = 0;
  if (mark != NULL && own &&
      __atomic_compare_exchange_n(&mark->state, &none, 1, 0, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) {
    mark->signal = number;
    mark->thread = syscall(SYS_gettid);
    mark->code = info->si_code;
    __atomic_store_n(&mark->state, 2, __ATOMIC_RELEASE);
  }
  if (own) tell_previous(number, info, context);
  // The end of the process, whatever the one before has done: a signal that was sent would not come again by itself, and
  // a process that went on would keep its mark. Sent again, the signal waits until this function has returned.
  struct sigaction end;
  memset(&end, 0, sizeof end);
  end.sa_handler = SIG_DFL;
  sigaction(number, &end, NULL);
  syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), number);
}

int understudy_crash_watch(understudy_crash_mark *mark) {
  int is_first = __atomic_exchange_n(&current_mark, mark, __ATOMIC_ACQ_REL) == NULL;
  if (!is_first) return 0;
  for (int index = 0; index < CRASH_SIGNALS; index++) {
    int number = crash_signals[index];
    struct sigaction action;
    if (sigaction(number, NULL, &action) != 0) return errno;
    if ((action.sa_flags & SA_SIGINFO) && action.sa_sigaction == note_crash) continue;
    previous[number] = action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = note_crash;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    if (sigaction(number, &action, NULL) != 0) return errno;
  }
  return 0;
}

void understudy_crash_forget(understudy_crash_mark *mark) {
  __atomic_compare_exchange_n(&current_mark, &mark, NULL, 0, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}
