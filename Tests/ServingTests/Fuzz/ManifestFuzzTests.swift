import Domain
import TestSupport
import Testing
import Wire

/// Manifests that are nearly right.
@Suite struct ManifestFuzzTests {
  @Test func `P4: whatever a manifest says, it is read or refused, and what is read can serve`() throws {
    let fuzz = try ManifestFuzz()
    var run = FuzzRun("manifests", seconds: 1)
    let problem = run.firstProblem { fuzz.check(&$0) }
    run.finish()
    #expect(problem == nil)
    #expect(run.cases > 0)
  }

  /// What a decoder could do wrong.
  enum Mistake: CaseIterable {
    /// Stands for a trap, which would end the tests: the wrong decoder gives up on a width that is none.
    case stopsAtNoWidth
    /// The largest value of an output is taken for one more, unless it is a probability's.
    case raisesMaximum
    /// What an optional input has in place of nothing is lost.
    case losesDefaults
  }

  @Test(arguments: Mistake.allCases)
  func `a planted mistake is found before its time is over`(mistake: Mistake) throws {
    var fuzz = try ManifestFuzz()
    var run = FuzzRun("manifests with a decoder that \(mistake)", seconds: 30, isToFind: true)
    fuzz.decode = { bytes throws(WireError) in try Self.decode(bytes, mistake) }
    let problem = run.firstProblem { fuzz.check(&$0) }
    run.finish()
    #expect(problem != nil, "not found in \(run.cases) cases, seed \(run.generator.seed)")
  }

  private static func decode(_ bytes: [UInt8], _ mistake: Mistake) throws(WireError) -> Manifest {
    var manifest: Manifest
    do throws(WireError) { manifest = try ManifestCodec.decode(bytes) } catch {
      if mistake == .stopsAtNoWidth, error.description.contains("width") { throw .notJSON("") }
      throw error
    }
    switch mistake {
    case .stopsAtNoWidth: break
    case .raisesMaximum:
      for index in manifest.outputs.indices {
        manifest.outputs[index].maximum = manifest.outputs[index].maximum.map { $0 == 1 ? 1 : $0 + 1 }
      }
    case .losesDefaults:
      for index in manifest.inputs.indices where manifest.inputs[index].isOptional {
        manifest.inputs[index].defaultValue = nil
      }
    }
    return manifest
  }
}
