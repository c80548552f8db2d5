import Foundation

/// What a process has, as Linux tells it (proc(5)).
struct ProcessFigures: Equatable {
  /// Bytes in memory.
  var residentBytes: Int
  /// The most that it ever had.
  var peakBytes: Int
  var threads: Int
  var openFiles: Int

  /// The figures now.
  init(of process: Int32) throws {
    let status = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
    func number(_ name: String) throws -> Int {
      let line = status.split(separator: "\n").first { $0.hasPrefix("\(name):") }
      return try TestClient.some(
        line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }, name)
    }
    residentBytes = try number("VmRSS") * 1024
    peakBytes = try number("VmHWM") * 1024
    threads = try number("Threads")
    openFiles = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/fd").count
  }

  /// A process that another one has started.
  struct Child {
    /// Its signals, a bit for each.
    fileprivate var ignored: UInt64

    /// Whether it takes no notice of a signal.
    func ignores(_ signal: Int32) -> Bool { ignored >> UInt64(signal - 1) & 1 == 1 }
  }

  /// What a process has started and still runs.
  static func children(of process: Int32) -> [Child] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return names.filter { Int32($0) != nil }.compactMap { name in
      // Some end while they are looked at.
      guard let status = try? String(contentsOfFile: "/proc/\(name)/status", encoding: .utf8) else { return nil }
      let fields = status.split(separator: "\n").map { $0.split(whereSeparator: \.isWhitespace) }
      guard fields.contains(["PPid:", "\(process)"]), let mask = fields.first(where: { $0.first == "SigIgn:" })?.last
      else { return nil }
      return UInt64(mask, radix: 16).map(Child.init)
    }
  }
}

/// Says whether memory grows with what is done: a line through the samples (least squares), so that one peak says nothing.
struct MemoryTrend {
  private(set) var samples: [Int] = []

  mutating func add(_ bytes: Int) { samples.append(bytes) }

  /// Bytes that each step adds. The first fifth is left out: caches fill then.
  var bytesPerStep: Double {
    let kept = samples.dropFirst(samples.count / 5).map(Double.init)
    guard kept.count > 2 else { return 0 }
    let meanStep = Double(kept.count - 1) / 2
    let mean = kept.reduce(0, +) / Double(kept.count)
    var (above, below) = (0.0, 0.0)
    for (step, value) in kept.enumerated() {
      above += (Double(step) - meanStep) * (value - mean)
      below += (Double(step) - meanStep) * (Double(step) - meanStep)
    }
    return above / below
  }
}
