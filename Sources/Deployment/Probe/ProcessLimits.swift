import Foundation

/// What a probe's process takes away from itself before it touches the release.
package enum ProcessLimits {
  /// Memory has a bound from now on (setrlimit(2)).
  /// - Parameter memoryBytes: what may be asked for in addition to what the process has.
  package static func limitMemory(_ memoryBytes: Int64) {
    let used = MachineMemory.bytes("VmData") ?? 0
    limit(RLIMIT_DATA, to: rlim_t(max(0, memoryBytes) + used))
  }

  /// The processor is only taken when nobody else wants it, a kernel out of memory ends this process before any other,
  /// and a crash leaves no file (setpriority(2), proc(5)). On Linux the priority is the calling thread's, and that of the
  /// threads that it makes.
  package static func giveWay() {
    limit(RLIMIT_CORE, to: 0)
    setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 19)
    try? "1000".write(toFile: "/proc/self/oom_score_adj", atomically: false, encoding: .utf8)
  }

  private static func limit(_ resource: __rlimit_resource, to value: rlim_t) {
    var limit = rlimit(rlim_cur: value, rlim_max: value)
    unsafe setrlimit(__rlimit_resource_t(resource.rawValue), &limit)
  }
}
