// Loaded before a Swift program that runs under valgrind. Its main thread waits in sigsuspend with a mask that lies in read-only memory, and valgrind
// writes to the mask: it takes a signal of its own out of it, and dies. Here it is given a copy.
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

extern "C" int sigsuspend(const sigset_t *mask) {
  sigset_t copy = *mask;
  return int(syscall(SYS_rt_sigsuspend, &copy, _NSIG / 8));
}
