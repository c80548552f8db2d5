import ArgumentParser
import Artifacts
import Deployment
import Domain
import Engines
import Foundation
import Wire

/// `understudy probe`: the other side of `ChildProcessProbe`, for workers and not for people, who have `check`.
struct ProbeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "probe", abstract: "Run the gate of a release for the worker that started this process.",
    shouldDisplay: false)

  @Argument(help: "The release's directory, verified by the worker.")
  var release: String

  @Option(help: "The directory of the release that is live.")
  var against: String?

  @Option(help: "Bytes of memory that this process may ask for.")
  var memoryBytes: Int64

  @Option(help: "Threads of one operator of a model.")
  var engineThreads = 1

  @OptionGroup var policy: GatePolicyOptions

  func run() async throws {
    // What ends the worker may be sent to all of its processes: when the worker is gone, so is this one.
    for number in [SIGTERM, SIGINT, SIGHUP] { signal(number, SIG_IGN) }
    endWithParent()
    let contents = DirectoryContents()
    let body = ProbeBody(
      policy: policy.policy, contents: contents,
      loader: OnnxStageLoader(options: OnnxOptions(intraOpThreads: engineThreads)))
    let (release, against, memoryBytes) = (release, against, memoryBytes)
    let report = try await onThread("probe") {
      ProcessLimits.giveWay()
      let candidate: StoredRelease
      do throws(Refusal) {
        candidate = try VerifiedRelease.open(release, manifests: WireManifestCoding())
      } catch {
        var report = GateReport()
        report.refusal = error
        return report
      }
      let live = against.flatMap { try? VerifiedRelease.open($0, manifests: WireManifestCoding()) }
      return body.run(candidate, against: live, memoryBytes: memoryBytes)
    }
    Terminal.show("\n" + ChildProcessProbe.reportMark + GateReportCodec().encode(report))
  }

  /// The worker holds the other end of standard input: when it dies, so does this process, whatever the release is at.
  private func endWithParent() {
    let thread = Thread {
      _ = try? FileHandle.standardInput.readToEnd()
      _exit(70)
    }
    thread.name = "understudy-parent"
    thread.start()
  }
}
