import Domain
import TestSupport
import Testing

@testable import understudy

/// Configuration and topics files that are nearly right.
@Suite("Configuration, fuzzed")
struct ConfigurationFuzzTests {
  @Test("P9: whatever a configuration says, all of it is read, or it is refused with a place")
  func files() throws {
    let fuzz = try ConfigurationFuzz()
    var run = FuzzRun("configuration", seconds: 1)
    let problem = try run.firstProblem { try fuzz.check(fuzz.next(&$0)) }
    run.finish()
    #expect(problem == nil)
    #expect(run.cases > 0)
  }

  /// What a loader could do wrong.
  enum Mistake: CaseIterable {
    /// Stands for a trap, which would end the tests: the wrong loader gives up on a key without a name.
    case stopsAtNamelessKey
    /// Only the first model that is served is kept.
    case keepsFirstModel
    /// A number that is too large is the largest that is allowed.
    case clampsNumbers
    /// The model of a topic is lost.
    case losesModels
  }

  @Test("A planted mistake is found before its time is over", arguments: Mistake.allCases)
  func planted(_ mistake: Mistake) throws {
    var fuzz = try ConfigurationFuzz()
    var run = FuzzRun("configuration with a loader that \(mistake)", seconds: 30, isToFind: true)
    fuzz.load = { path throws(CommandFailure) in try Self.load(path, mistake) }
    if mistake == .losesModels {
      fuzz.loadTopics = { path throws(CommandFailure) in
        var file = try TopicsFileLoader.load(path: path)
        for index in file.topics.indices { file.topics[index].model = nil }
        return file
      }
    }
    let problem = try run.firstProblem { try fuzz.check(fuzz.next(&$0)) }
    run.finish()
    #expect(problem != nil, "not found in \(run.cases) cases, seed \(run.generator.seed)")
  }

  private static func load(_ path: String, _ mistake: Mistake) throws(CommandFailure) -> WorkerConfiguration {
    do throws(CommandFailure) {
      var configuration = try ConfigurationLoader.load(path: path, settings: [], environment: [:])
      if mistake == .keepsFirstModel { configuration.servedModels = configuration.servedModels.map { [$0[0]] } }
      return configuration
    } catch {
      if mistake == .stopsAtNamelessKey, error.description.contains("a name as the key") {
        throw .failed("")
      }
      if mistake == .clampsNumbers, error.description.contains("expected a whole number from") {
        return WorkerConfiguration()
      }
      throw error
    }
  }
}
