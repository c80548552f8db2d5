#ifndef UNDERSTUDY_CSPAWN_H
#define UNDERSTUDY_CSPAWN_H

#include <sys/types.h>

/// Starts a program by posix_spawn(3) with three open files and no others, in a process group of its own, which a terminal's
/// keys do not reach, and with signals as programs expect them, whatever we do about ours. What POSIX has not of that
/// Swift's module of the C library leaves out; it is here.
///
/// - words, settings: its arguments, the first one its name, and its environment; each ends with NULL.
/// - directory: where it begins; NULL for where we are.
/// - files: the descriptors of ours that become its 0, 1 and 2; -1 for none, in whose place is /dev/null. They are taken
///   in this order: one that is 0, 1 or 2 itself must not be named behind its place.
///
/// Returns 0 and the process's number, or a code of errno(3).
int understudy_spawn(
  pid_t *identifier, const char *program, char *const words[], char *const settings[], const char *directory,
  const int files[3]);

#endif
