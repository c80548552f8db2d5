import Domain
import Foundation
import Serving

/// What a probe does inside of its own process.
package struct ProbeBody {
  private let gate: ValidityGate
  private let loader: any StageLoader

  /// A body.
  package init(policy: GatePolicy, contents: any ReleaseContents, loader: any StageLoader) {
    gate = ValidityGate(policy: policy, contents: contents)
    self.loader = loader
  }

  /// Loads the release, runs the whole gate and measures what it takes.
  /// - Parameter memoryBytes: what the release may take, over and above what is there when the live one is loaded.
  package func run(
    _ release: StoredRelease, against live: StoredRelease?, memoryBytes: Int64
  ) -> GateReport {
    do throws(Refusal) {
      // First, so that it does not count as the new release's. What it takes while it answers still does.
      let current = live.flatMap { try? LoadedRelease($0, loader: loader) }
      ProcessLimits.limitMemory(memoryBytes)
      MachineMemory.resetPeak()
      let before = MachineMemory.bytes("VmRSS")
      let loaded = try LoadedRelease(release, loader: loader)
      var report = gate.examine(loaded, release, against: current.map { ($0, $0.stored) })
      if let before, let peak = MachineMemory.bytes("VmHWM") {
        report.resources = report.resources ?? GateReport.Resources()
        report.resources?.peakBytes = max(0, peak - before)
      }
      if let live, current == nil, report.comparison == nil {
        report.comparison = GateReport.Comparison(version: live.identity.version)
        report.comparison?.note = "the live release could not be loaded beside this one, so nothing was compared"
      }
      report.refusal = report.refusal.map(Self.named)
      return report
    } catch {
      var report = GateReport()
      report.refusal = Self.named(error)
      return report
    }
  }

  /// Memory that could not be had is `out_of_memory`, whichever step noticed it.
  static func named(_ refusal: Refusal) -> Refusal {
    guard isAboutMemory(refusal.message) else { return refusal }
    return Refusal(.outOfMemory, refusal.message)
  }

  /// Whether a library's message says that memory could not be had: ONNX Runtime's arena, and C++'s `operator new`.
  static func isAboutMemory(_ message: String) -> Bool {
    ["bad_alloc", "Failed to allocate memory", "Cannot allocate memory", "out of memory", "Out of memory"].contains {
      message.contains($0)
    }
  }
}
