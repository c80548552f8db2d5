import Domain
import Engines
import Foundation
import Serving

/// The releases of a bench, opened and loaded, and the requests for them.
struct BenchReleases: Sendable {
  /// What was named, in that order; the first model is the default.
  let releases: [CheckedRelease]
  let requests: BenchRequests

  static let example = "Examples/breast-cancer"

  /// Opens the releases that are named, or the example's without a name, and reads or makes the requests.
  /// - Parameter threads: of one operator of a model.
  init(_ paths: [String], files: [String], shape: BenchRequests.Shape, threads: Int) throws {
    var (paths, files) = (paths, files)
    if paths.isEmpty {
      paths = ["\(Self.example)/releases/breast-cancer-1.0.0.tar"]
      guard FileManager.default.fileExists(atPath: paths[0]) else {
        throw CommandFailure.usage(
          "\(paths[0]) cannot be read: run the bench from the project's root, or give --release FILE")
      }
      if files.isEmpty { files = ["\(Self.example)/requests.jsonl"] }
    }
    let loader = OnnxStageLoader(options: OnnxOptions(intraOpThreads: threads))
    releases = try paths.map { path in
      do { return try CheckedRelease(path, loader: loader) } catch {
        throw CommandFailure.usage("--release \(path): \(error)")
      }
    }
    let models = releases.map(\.loaded.identity.model)
    for (position, model) in models.enumerated() where models[..<position].contains(model) {
      throw CommandFailure.usage(
        "--release \(paths[position]): \(model) is given twice: expected one release of each model")
    }
    requests = try BenchRequests(releases.map(\.loaded.manifest), files: files, shape: shape)
  }

  var loaded: [LoadedRelease] { releases.map(\.loaded) }

  /// As results name them.
  var names: [String] { loaded.map { "\($0.identity)" } }
}
