import Domain
import Testing

@Suite("Readiness")
struct ReadinessTests {
  /// A worker that serves.
  private static let serving: Readiness.Facts = {
    var facts = Readiness.Facts()
    facts.isRestored = true
    facts.defaultModel = "m"
    facts.hasLiveRelease = true
    facts.servingLanes = 1
    return facts
  }()

  struct Row: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var change: @Sendable (inout Readiness.Facts) -> Void
    var reasons: [Readiness.Reason]
    var notes: [Readiness.Reason] = []
  }

  static let rows: [Row] = [
    Row(testDescription: "serving", change: { _ in }, reasons: []),
    Row(testDescription: "just begun", change: { $0 = .init() }, reasons: [.starting, .notInGroup]),
    Row(
      testDescription: "nothing live",
      change: {
        $0.hasLiveRelease = false; $0.servingLanes = 0
      }, reasons: [.noLiveRelease, .notInGroup]),
    Row(testDescription: "lost its live release", change: { $0.hasLiveRelease = false }, reasons: [.noLiveRelease]),
    Row(
      testDescription: "nothing live, and answers so",
      change: {
        $0.hasLiveRelease = false; $0.answersWithoutRelease = true
      }, reasons: []),
    Row(testDescription: "outside of the group", change: { $0.servingLanes = 0 }, reasons: [.notInGroup]),
    Row(
      testDescription: "two gates fail", change: { $0.failingGates = ["b": "x", "a": "y"] },
      reasons: [.gateFailing, .gateFailing]),
    Row(testDescription: "draining", change: { $0.isDraining = true }, reasons: [.draining]),
    Row(testDescription: "paused", change: { $0.pause = "migration" }, reasons: [], notes: [.paused]),
    Row(
      testDescription: "everything",
      change: {
        $0 = .init(); $0.isDraining = true; $0.failingGates = ["a": "y"]; $0.pause = "p"
      }, reasons: [.draining, .starting, .gateFailing, .notInGroup], notes: [.paused]),
  ]

  @Test("A worker is ready if nothing keeps it from serving, and says what does", arguments: rows)
  func table(row: Row) {
    var facts = Self.serving
    row.change(&facts)
    let readiness = Readiness(facts)
    #expect(readiness.reasons.map(\.reason) == row.reasons)
    #expect(readiness.notes.map(\.reason) == row.notes)
    #expect(readiness.isReady == row.reasons.isEmpty)
  }

  @Test("Messages name the model, and come in an order of their own")
  func messages() {
    var facts = Self.serving
    facts.failingGates = ["b": "x", "a": "y"]
    #expect(Readiness(facts).reasons.map(\.message) == ["a: y", "b: x"])
    facts = Self.serving
    facts.hasLiveRelease = false
    #expect(Readiness(facts).reasons.first?.message.contains("no release of m is live") == true)
  }
}
