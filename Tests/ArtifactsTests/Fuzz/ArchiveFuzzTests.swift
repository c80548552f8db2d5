import Domain
import Foundation
import TestSupport
import Testing

@testable import Artifacts

/// Archives that are nearly right.
@Suite struct ArchiveFuzzTests {
  @Test func `P9: whatever an archive holds, its files are safe and read back, or it is refused with a place`() throws {
    let fuzz = try ArchiveFuzz()
    var run = FuzzRun("archives", seconds: 1)
    let problem = try run.firstProblem { try fuzz.check(fuzz.next(&$0)) }
    run.finish()
    #expect(problem == nil)
    #expect(run.cases > 0)
  }

  /// What a reader could do wrong.
  enum Mistake: CaseIterable {
    /// Stands for a trap, which would end the tests: the wrong reader gives up on a path of one character.
    case stopsAtShortPath
    /// A path that leaves the release is given out.
    case followsParents
  }

  @Test(arguments: Mistake.allCases)
  func `a planted mistake is found before its time is over`(mistake: Mistake) throws {
    var fuzz = try ArchiveFuzz()
    var run = FuzzRun("archives with a reader that \(mistake)", seconds: 30, isToFind: true)
    fuzz.decode = { path throws(Refusal) in try Self.decode(path, mistake) }
    let problem = try run.firstProblem { try fuzz.check(fuzz.next(&$0)) }
    run.finish()
    #expect(problem != nil, "not found in \(run.cases) cases, seed \(run.generator.seed)")
  }

  private static func decode(_ path: String, _ mistake: Mistake) throws(Refusal) -> [ArchiveFuzz.File] {
    do throws(Refusal) {
      let files = try ArchiveFuzz.read(path)
      if mistake == .stopsAtShortPath, files.contains(where: { $0.path.utf8.count == 1 }) {
        throw Refusal(.fetchFailed, "")
      }
      return files
    } catch {
      guard mistake == .followsParents, error.message.contains("..") else { throw error }
      return [ArchiveFuzz.File(path: "../evil", content: [])]
    }
  }
}
