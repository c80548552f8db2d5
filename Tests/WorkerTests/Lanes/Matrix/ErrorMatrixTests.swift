import Foundation
import Synchronization
import Testing

/// Every request that a lane sends, answered by every error that a broker may answer it by. The embedded broker shows
/// aborted records and forgets the offsets of transactions, so that what is asserted of a lane that goes on is that
/// nothing is lost and that first answers keep their order.
@Suite("The matrix of errors", .ownThreads)
struct ErrorMatrixTests {
  /// Scenes of one kind of request that run at the same time: they wait, for the group's first join above all.
  private static let scenesAtOnce = 6

  @Test("P1: a lane takes every answer of a broker as it should", arguments: LaneRequest.allCases)
  func matrix(_ request: LaneRequest) {
    let queue = OperationQueue()
    queue.maxConcurrentOperationCount = Self.scenesAtOnce
    let problems = Mutex<[String]>([])
    for cases in Self.shares(of: FaultCase.all(of: request)) {
      queue.addOperation {
        let scene = FaultScene(request)
        for fault in cases {
          if let problem = scene.problem(of: fault) { problems.withLock { $0.append(problem) } }
        }
        do { try scene.end() } catch { problems.withLock { $0.append("\(request): \(error)") } }
      }
    }
    queue.waitUntilAllOperationsAreFinished()
    for problem in problems.withLock({ $0 }) { Issue.record("\(problem)") }
  }

  /// The cases, shared out evenly: fresh lanes cost the most, and come first in the list.
  private static func shares(of cases: [FaultCase]) -> [[FaultCase]] {
    (0..<scenesAtOnce).map { share in
      cases.enumerated().filter { $0.offset % scenesAtOnce == share }.map(\.element)
    }
  }
}
