import Domain
import Foundation
import Glibc

/// What the kernel says of this process (proc(5)), under the names that every Prometheus client library uses. What
/// cannot be read is left out.
package enum ProcessFigures {
  /// The families now. Reads a few small files of /proc.
  package static func collect() -> [MetricFamily] {
    var families: [MetricFamily] = []
    func add(_ name: MetricName, _ value: Double?) {
      if let value { families.append(MetricFamily(name, [([], value)])) }
    }
    let statistics = text("/proc/self/stat").flatMap { Statistics($0) }
    let ticks = Double(max(1, sysconf(Int32(_SC_CLK_TCK))))
    add(.processCPU, statistics.map { $0.cpuTicks / ticks })
    add(.processThreads, statistics?.threads)
    add(.processVirtual, statistics?.virtualBytes)
    add(.processResident, statistics.map { $0.residentPages * Double(sysconf(Int32(_SC_PAGESIZE))) })
    if let statistics, let boot = text("/proc/stat").flatMap(bootTime) {
      add(.processStart, boot + statistics.startTicks / ticks)
    }
    // The list itself is open while it is read.
    let open = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
    add(.processOpenFiles, open.map { Double(max(0, $0 - 1)) })
    add(.processMaximumFiles, text("/proc/self/limits").flatMap(maximumFiles))
    return families
  }

  private static func text(_ path: String) -> String? { try? String(contentsOfFile: path, encoding: .utf8) }

  /// The fields of /proc/self/stat that are shown.
  struct Statistics: Equatable {
    var cpuTicks: Double
    var threads: Double
    var startTicks: Double
    var virtualBytes: Double
    var residentPages: Double

    /// Reads the line. The name of the program stands in parentheses and may hold anything, also parentheses.
    init?(_ line: String) {
      guard let end = line.lastIndex(of: ")") else { return nil }
      let fields = line[line.index(after: end)...].split(separator: " ").map { Double($0) }
      // Counted from the field behind the name, which is the third one of the manual.
      func field(_ number: Int) -> Double? { number - 3 < fields.count ? fields[number - 3] : nil }
      guard let user = field(14), let system = field(15), let threads = field(20), let start = field(22),
        let virtual = field(23), let resident = field(24)
      else { return nil }
      cpuTicks = user + system
      self.threads = threads
      startTicks = start
      virtualBytes = virtual
      residentPages = resident
    }
  }

  /// Seconds since 1970 at which the machine has started.
  static func bootTime(_ text: String) -> Double? {
    let line = text.split(separator: "\n").first { $0.hasPrefix("btime ") }
    return line.flatMap { Double($0.dropFirst("btime ".count)) }
  }

  /// The soft limit of open files; nil if there is none.
  static func maximumFiles(_ text: String) -> Double? {
    let name = "Max open files"
    let line = text.split(separator: "\n").first { $0.hasPrefix(name) }
    return line.flatMap { $0.dropFirst(name.count).split(separator: " ").first.flatMap { Double($0) } }
  }
}
