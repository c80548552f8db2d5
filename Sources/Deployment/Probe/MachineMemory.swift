import Domain
import Foundation

/// What memory the machine has left, as Linux tells it.
package enum MachineMemory {
  /// Bytes that can be taken without swapping or killing anybody: `MemAvailable` (proc(5)), or what the control group
  /// has left if that is less. Nil if the system does not tell.
  package static var availableBytes: Int64? {
    let machine = field("MemAvailable", of: "/proc/meminfo")
    guard let limit = number(in: "/sys/fs/cgroup/memory.max"), let used = number(in: "/sys/fs/cgroup/memory.current")
    else { return machine }
    // Files that were read or written count as used, and are given up when memory is asked for.
    let files = statistic("inactive_file") + statistic("slab_reclaimable")
    let group = max(0, limit - max(0, used - files))
    return machine.map { min($0, group) } ?? group
  }

  /// A field of a process's status in bytes: `VmRSS` is what it has in memory, `VmHWM` the most it had, `VmData` what it
  /// has asked for.
  package static func bytes(_ name: String, ofProcess process: Int32? = nil) -> Int64? {
    field(name, of: "/proc/\(process.map(String.init) ?? "self")/status")
  }

  /// What a process may ask for at most, in bytes; nil while it has no bound (proc(5), limits: `Max data size`).
  package static func dataLimitBytes(ofProcess process: Int32) -> Int64? {
    guard let text = try? String(contentsOfFile: "/proc/\(process)/limits", encoding: .utf8) else { return nil }
    let line = text.split(separator: "\n").first { $0.hasPrefix("Max data size") }
    return line?.dropFirst("Max data size".count).split(separator: " ").first.flatMap { Int64($0) }
  }

  /// Makes `VmHWM` of this process begin anew at what it has now (proc(5), clear_refs).
  package static func resetPeak() {
    try? "5".write(toFile: "/proc/self/clear_refs", atomically: false, encoding: .utf8)
  }

  /// A line `Name:   1234 kB`.
  private static func field(_ name: String, of path: String) -> Int64? {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
    for line in text.split(separator: "\n") where line.hasPrefix("\(name):") {
      let words = line.dropFirst(name.count + 1).split(whereSeparator: { $0 == " " || $0 == "\t" })
      return words.first.flatMap { Int64($0) }.map { $0 * 1024 }
    }
    return nil
  }

  /// A line `name 1234` of the control group's memory, in bytes; 0 if it is not there.
  private static func statistic(_ name: String) -> Int64 {
    guard let text = try? String(contentsOfFile: "/sys/fs/cgroup/memory.stat", encoding: .utf8) else { return 0 }
    let line = text.split(separator: "\n").first { $0.hasPrefix("\(name) ") }
    return line.flatMap { Int64($0.dropFirst(name.count + 1)) } ?? 0
  }

  private static func number(in path: String) -> Int64? {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
    return Int64(text.trimmingCharacters(in: .whitespacesAndNewlines))
  }
}
