import Domain
import Testing

@testable import Deployment

@Suite("Work that goes on at the same time")
struct HandTests {
  private func work(_ model: String, _ version: String, _ hand: Work.Hand) -> Work {
    let identity = ReleaseIdentity(model: model, version: version, digest: "sha256:\(version)")
    let ready = ModelReady(identity: identity, archiveDigest: "sha256:x", size: 1, uri: "file:/x")
    return Work(
      release: ReleaseRecord(ready, intent: .activate, commandID: "c", sequence: 0, at: 0), kind: .fetch, hand: hand)
  }

  @Test("New releases of many models are worked on up to a bound; what somebody waits for has a hand in any case")
  func bound() {
    var running: [Work] = []
    for number in 0..<3 * Limits.workAtOnce {
      let next = work("model-\(number)", "1", .background)
      if next.hasHand(beside: running) { running.append(next) }
    }
    #expect(running.count == Limits.workAtOnce)
    for hand in [Work.Hand.replacement, .urgent, .watch] {
      #expect(work("another", "1", hand).hasHand(beside: running))
      running.append(work("more-\(hand)", "1", hand))
    }
    running.removeFirst()
    #expect(work("another", "1", .background).hasHand(beside: running))
  }

  @Test("A hand does one piece of work of a model at a time, and a release is in one hand")
  func taken() {
    let running = [work("m", "1", .background)]
    #expect(!work("m", "2", .background).hasHand(beside: running))
    #expect(!work("m", "1", .urgent).hasHand(beside: running))
    #expect(work("m", "2", .urgent).hasHand(beside: running))
    #expect(work("n", "1", .background).hasHand(beside: running))
  }
}
