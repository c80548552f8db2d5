import Domain
import Engines
import Foundation
import Testing

@Suite struct OnnxRefusalTests {
  @Test(arguments: [
    ("zipmap", "options={\"zipmap\": False}"),
    ("fixed_batch", "'x' has a fixed first dimension, 1; export with a dynamic batch dimension"),
    ("int32", "'x' has elements of type int32; supported are float, double, int64, bool and string"),
    ("open_width", "input 'x': the width is not declared"),
    ("scalar", "first dimension must be the batch"),
    ("wrong_shape", "output 'y' has the shape [1, 4] for 2 rows; its first dimension must be the batch"),
    ("sequence_input", "input 'x' is a sequence"),
    ("optional_input", "input 'x' is optional"),
  ])
  func `P4: a graph that no manifest can bind is refused with what to change`(name: String, hint: String) {
    let refusal = Fixtures.refusal(name)
    guard case .unusable(let message) = refusal else { Issue.record("\(String(describing: refusal))"); return }
    #expect(message.contains(hint), "\(message)")
  }

  @Test(arguments: ["corrupt", "missing"])
  func `P4: a file that is not a graph is refused`(name: String) {
    let refusal = Fixtures.refusal(name)
    guard case .loadFailed(let message) = refusal else { Issue.record("\(String(describing: refusal))"); return }
    #expect(!message.isEmpty && message.utf8.count <= Limits.errorMessageBytes)
  }

  @Test(arguments: ["external_initializer", "external_attribute", "external_address"])
  func `P9: a graph whose data lie outside of its file is refused, and no path is followed`(name: String) throws {
    let hint = "the graph keeps a tensor's data outside of its file; save it with all data in one file"
    #expect(Fixtures.refusal(name) == .unusable(hint))
  }

  @Test func `P4: a graph that was cut anywhere is refused or loads, and never traps`() throws {
    let whole = try Data(contentsOf: URL(filePath: Fixtures.path("golden_sklearn_pipeline.onnx")))
    let cut = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: cut) }
    var refused = 0
    for count in 0..<whole.count {
      try whole.prefix(count).write(to: cut)
      do throws(StageLoadError) { _ = try OnnxStage(path: cut.path) } catch { refused += 1 }
    }
    #expect(refused > whole.count * 9 / 10)
  }

  @Test func `another engine is refused by name`() {
    #expect(throws: StageLoadError.unusable("engine 'torch' is not supported; this build runs: onnx")) {
      try OnnxStageLoader().load(engine: "torch", path: Fixtures.path("several.onnx"), sha256: "00")
    }
  }
}

@Suite struct OnnxSharingTests {
  @Test func `the same content in use is one stage, and it is freed with its last user`() throws {
    let loader = OnnxStageLoader()
    weak var freed: (any Stage)?
    do {
      let path = Fixtures.path("several.onnx")
      let first = try loader.load(engine: "onnx", path: path, sha256: "aa")
      let second = try loader.load(engine: "onnx", path: path, sha256: "aa")
      let other = try loader.load(engine: "onnx", path: path, sha256: "bb")
      #expect(first === second)
      #expect(first !== other)
      #expect(loader.sharedStageCount == 2)
      freed = first
      #expect(freed != nil)
    }
    #expect(freed == nil)
    #expect(loader.sharedStageCount == 0)
    let again = try loader.load(engine: "onnx", path: Fixtures.path("several.onnx"), sha256: "aa")
    #expect(again.signature.inputs.count == 2)
  }
}
