#define _GNU_SOURCE
#include "CSpawn.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>

int understudy_spawn(
  pid_t *identifier, const char *program, char *const words[], char *const settings[], const char *directory,
  const int files[3]) {
  // Where whoever has started us has the ends of children ignored, nobody could tell how ours end.
  struct sigaction action;
  if (!sigaction(SIGCHLD, NULL, &action) && action.sa_handler == SIG_IGN) signal(SIGCHLD, SIG_DFL);

  posix_spawn_file_actions_t actions;
  int code = posix_spawn_file_actions_init(&actions);
  if (code) return code;
  for (int number = 0; number < 3 && !code; number++)
    code = files[number] < 0 ? posix_spawn_file_actions_addopen(&actions, number, "/dev/null", O_RDWR, 0)
                             : posix_spawn_file_actions_adddup2(&actions, files[number], number);
  if (!code && directory) code = posix_spawn_file_actions_addchdir_np(&actions, directory);
  if (!code) code = posix_spawn_file_actions_addclosefrom_np(&actions, 3);
  posix_spawnattr_t attributes;
  if (!code && !(code = posix_spawnattr_init(&attributes))) {
    sigset_t signals;
    sigfillset(&signals);
    posix_spawnattr_setsigdefault(&attributes, &signals);
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(&attributes, &signals);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
    code = posix_spawn(identifier, program, &actions, &attributes, words, settings);
    posix_spawnattr_destroy(&attributes);
  }
  posix_spawn_file_actions_destroy(&actions);
  return code;
}
