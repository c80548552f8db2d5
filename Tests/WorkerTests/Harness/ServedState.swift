import Domain
import Foundation
import Testing

@testable import understudy

/// The state directory of a worker that has served: version 1 of the model `doubler` is live, version 0 is stored. Made
/// once, so that tests of what comes later need not begin with it.
enum ServedState {
  /// Records of the control topic that it has read.
  private static let controlRecords = 2

  /// How releases here differ from the usual: their outputs have moving averages, too wide to ever hold a row.
  static func change(_ release: inout GateRelease) {
    release.members = #","guard":{"moving_averages":[{"output":"y","deviations":1000000}]}"#
  }

  /// Makes it a worker's of a scene, and puts something in the place of the commands that it has read.
  static func write(to scene: Scene, slot: String = "worker-0") throws {
    for number in 0..<controlRecords {
      try scene.client.send(TopicRecord(value: Array("read \(number)".utf8)), to: scene.broker.topics.control)
    }
    let directory = "\(scene.workplace.path)/\(slot)"
    for (name, bytes) in try files.get() {
      let url = URL(fileURLWithPath: "\(directory)/\(name)")
      try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try bytes.write(to: url)
    }
  }

  private static let files = Result { try make() }

  private static func make() throws -> [String: Data] {
    let scene = try GateScene(first: GateRelease("1", change), partitions: 1, perSecond: 50)
    let stored = try scene.announce(GateRelease("0", change), activate: .manual)
    guard stored.type == .commandApplied else { throw TestFailure("version 0 is not stored: \(stored)") }
    _ = try scene.load.stop()
    guard try scene.worker.terminate() == 0 else { throw TestFailure("the worker did not end well") }
    let root = "\(scene.scene.workplace.path)/worker-0"
    var files: [String: Data] = [:]
    for name in FileManager.default.enumerator(atPath: root)?.compactMap({ $0 as? String }) ?? [] {
      var isDirectory: ObjCBool = false
      let path = "\(root)/\(name)"
      guard unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), !isDirectory.boolValue
      else { continue }
      files[name] = try Data(contentsOf: URL(fileURLWithPath: path))
    }
    return files
  }
}
