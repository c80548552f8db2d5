import Domain
import Engines
import Foundation
import Testing

@Suite struct OnnxStageTests {
  @Test(arguments: ["bool", "int64", "float", "double", "string"])
  func `every datatype goes through a graph and back in every shape`(kind: String) throws {
    let stage = try Fixtures.load("identity_\(kind)")
    #expect(stage.signature.inputs.map(\.width) == [1, 1, 3, 4])
    #expect(stage.signature.outputs.map(\.width) == [1, 1, 3, 4])
    let columns = stage.columns(rows: 7)
    for position in 0..<4 {
      let column = columns[position]
      for index in 0..<7 * column.descriptor.width { column.setSample(index) }
    }
    try stage.run(stage.binding, on: columns, rows: 0..<7)
    for position in 0..<4 {
      for index in 0..<7 * columns[position].descriptor.width {
        #expect(columns[position + 4].element(index) == columns[position].element(index))
      }
    }
  }

  @Test(arguments: ["flat_to_column", "column_to_flat"])
  func `a column of width 1 fits [n] and [n,1]`(name: String) throws {
    let stage = try Fixtures.load(name)
    let columns = stage.columns(rows: 5)
    for index in 0..<5 { columns[0].setSample(index) }
    try stage.run(stage.binding, on: columns, rows: 0..<5)
    #expect((0..<5).allSatisfy { columns[1].float32(at: $0) == columns[0].float32(at: $0) })
  }

  @Test func `several inputs and outputs are bound in the graph's order, to any positions`() throws {
    let stage = try Fixtures.load("several")
    #expect(stage.signature.inputs.map(\.name) == ["a", "b"])
    #expect(stage.signature.outputs.map(\.name) == ["both", "difference"])
    let signature = stage.signature
    var columns = Columns([signature.outputs[1], signature.inputs[1], signature.outputs[0], signature.inputs[0]])
    for row in 0..<3 {
      guard columns.beginRow() == row else { Issue.record("no room"); return }
      columns[3].set(float64: Double(row), at: row)
      columns[1].set(float64: 10, at: row)
      columns.finishRow()
    }
    try stage.run(StageBinding(inputs: [3, 1], outputs: [2, 0]), on: columns, rows: 0..<3)
    #expect((0..<6).map { columns[2].float64(at: $0) } == [0, 10, 1, 10, 2, 10])
    #expect((0..<3).map { columns[0].float64(at: $0) } == [-10, -9, -8])
  }

  @Test func `text goes through unchanged: non-ASCII, empty, long, with embedded NUL, not UTF-8`() throws {
    let stage = try Fixtures.load("identity_string")
    let texts = ["Île-de-France 東京 🎭", "", String(repeating: "long ", count: 20_000), "a\u{0}b\u{0}", "plain"]
    let columns = stage.columns(rows: texts.count + 1)
    for (row, text) in texts.enumerated() { columns[0].set(text: text, at: row) }
    let raw: [UInt8] = [0xff, 0x00, 0xfe]
    unsafe columns[0].set(bytes: raw.span.bytes, at: texts.count)
    try stage.run(stage.binding, on: columns, rows: 0..<texts.count + 1)
    for (row, text) in texts.enumerated() { #expect(columns[4].text(at: row) == text) }
    let returned = columns[4].withBytes(at: texts.count) { span in
      (0..<span.byteCount).map { unsafe span.unsafeLoad(fromByteOffset: $0, as: UInt8.self) }
    }
    #expect(returned == raw)
  }

  @Test func `widths that a graph does not declare are learned at load`() throws {
    let stage = try Fixtures.load("learned")
    #expect(stage.signature.outputs.map(\.width) == [5, 2])
    let columns = stage.columns(rows: 3)
    for position in 0..<3 {
      for index in 0..<3 * columns[position].descriptor.width { columns[position].setSample(index) }
    }
    try stage.run(stage.binding, on: columns, rows: 0..<3)
    #expect((5..<10).map { columns[3].float32(at: $0) } == [-0.5, -0.25, -0.25, 0, 0.25])
    #expect(columns[4].text(at: 5) == "sample 5")
  }

  @Test func `a range of rows leaves the others alone, and an empty one everything`() throws {
    for kind in ["bool", "int64", "float", "double", "string"] {
      let stage = try Fixtures.load("identity_\(kind)")
      let columns = stage.columns(rows: 6)
      for position in 0..<4 {
        for index in 0..<6 * columns[position].descriptor.width { columns[position].setSample(index) }
      }
      let untouched = columns[6].element(0)
      try stage.run(stage.binding, on: columns, rows: 3..<3)
      #expect((0..<18).allSatisfy { columns[6].element($0) == untouched })
      try stage.run(stage.binding, on: columns, rows: 2..<4)
      for index in 0..<18 {
        #expect(columns[6].element(index) == ((6..<12).contains(index) ? columns[2].element(index) : untouched))
      }
    }
  }

  @Test func `an input that is also an output is copied, and a default input need not be bound`() throws {
    let passthrough = try Fixtures.load("passthrough")
    let columns = passthrough.columns(rows: 4)
    for index in 0..<4 { columns[0].setSample(index) }
    try passthrough.run(passthrough.binding, on: columns, rows: 0..<4)
    #expect((0..<4).allSatisfy { columns[1].float32(at: $0) == columns[0].float32(at: $0) })
    #expect((0..<4).allSatisfy { columns[2].float32(at: $0) == -columns[0].float32(at: $0) })

    let defaulted = try Fixtures.load("default_input")
    #expect(defaulted.signature.inputs.map(\.name) == ["x"])
    let more = defaulted.columns(rows: 1)
    more[0].set(float32: 2, at: 0)
    try defaulted.run(defaulted.binding, on: more, rows: 0..<1)
    #expect(more[1].float32(at: 0) == 12)
  }

  @Test func `a branch's output is written in place`() throws {
    let stage = try Fixtures.load("branches")
    let columns = stage.columns(rows: 4)
    for index in 0..<4 { columns[0].setSample(index) }
    try stage.run(stage.binding, on: columns, rows: 0..<4)
    #expect((0..<4).allSatisfy { columns[1].float32(at: $0) == columns[0].float32(at: $0) + 1 })
  }

  @Test func `P7: a row that a graph cannot convert fails the run, and the others still succeed alone`() throws {
    let stage = try Fixtures.load("parse")
    let columns = stage.columns(rows: 3)
    for (row, text) in ["1.5", "lots", "3"].enumerated() { columns[0].set(text: text, at: row) }
    let failure = #expect(throws: StageFailure.self) { try stage.run(stage.binding, on: columns, rows: 0..<3) }
    #expect(failure?.message.utf8.count ?? 0 > 0)
    #expect(failure?.message.utf8.count ?? .max <= Limits.errorMessageBytes)
    #expect(failure?.message.contains("\n") == false)
    try stage.run(stage.binding, on: columns, rows: 0..<1)
    try stage.run(stage.binding, on: columns, rows: 2..<3)
    #expect(columns[1].float32(at: 0) == 1.5)
    #expect(columns[1].float32(at: 2) == 3)
  }

  @Test(arguments: ["compress_float", "compress_string", "constant"])
  func `P7: an output that is not a row for a row fails the run`(name: String) throws {
    let stage = try Fixtures.load(name)
    let columns = stage.columns(rows: 5)
    #expect(throws: StageFailure.self) { try stage.run(stage.binding, on: columns, rows: 0..<5) }
  }

  @Test(arguments: ["compress_float", "compress_string"])
  func `P7: after a failed run the same stage answers the next batch`(name: String) throws {
    let stage = try Fixtures.load(name)
    let columns = stage.columns(rows: 5)
    for row in 0..<5 {
      columns[0].setSample(row)
      columns[1].set(bool: row != 4, at: row)
    }
    #expect(throws: StageFailure.self) { try stage.run(stage.binding, on: columns, rows: 0..<5) }
    try stage.run(stage.binding, on: columns, rows: 1..<4)
    for row in 1..<4 { #expect(columns[2].element(row) == columns[0].element(row)) }
  }

  @Test func `a binding that does not fit fails the run and touches no memory`() throws {
    let stage = try Fixtures.load("several")
    let columns = stage.columns(rows: 3)
    for binding in [
      StageBinding(inputs: [0], outputs: [2, 3]), StageBinding(inputs: [0, 2], outputs: [2, 3]),
      StageBinding(inputs: [0, -1], outputs: [2, 3]), StageBinding(inputs: [0, 1], outputs: [2, 9]),
    ] {
      #expect(throws: StageFailure.self) { try stage.run(binding, on: columns, rows: 0..<3) }
    }
    #expect(throws: StageFailure.self) { try stage.run(stage.binding, on: columns, rows: 0..<1_000_000) }
    #expect(throws: StageFailure.self) { try stage.run(stage.binding, on: columns, rows: -1..<2) }
  }

  @Test func `four threads that run one session get right answers`() async throws {
    let stage = try Fixtures.load("several")
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for lane in 0..<4 {
        group.addTask {
          let columns = stage.columns(rows: 50)
          for round in 0..<200 {
            for row in 0..<50 {
              columns[0].set(float64: Double(row * 7 + round), at: row)
              columns[1].set(float64: Double(lane), at: row)
            }
            try stage.run(stage.binding, on: columns, rows: 0..<50)
            for row in 0..<50 where columns[3].float64(at: row) != Double(row * 7 + round - lane) { return false }
          }
          return true
        }
      }
      for try await isRight in group { #expect(isRight) }
    }
  }

  @Test func `P7: a run that would not end is interrupted, and hurts neither others nor the next one`() async throws {
    let stage = try Fixtures.load("../gate/hang_at_minus_one")
    let columns = stage.columns(rows: 4)
    for row in 0..<4 { columns[0].set(float32: row == 2 ? -1 : Float(row), at: row) }
    async let beside = Task.detached {
      let apart = stage.columns(rows: 2)
      for _ in 0..<1000 { try stage.run(stage.binding, on: apart, rows: 0..<2) }
      return (0..<2).allSatisfy { apart[1].float32(at: $0) == 0 }
    }.value
    let started = ContinuousClock.now
    let failure = #expect(throws: StageFailure.self) {
      try stage.run(stage.binding, on: columns, rows: 0..<4, within: .milliseconds(200))
    }
    #expect(started.duration(to: .now) >= .milliseconds(200))
    #expect(failure?.isOverTime == true)
    #expect(failure?.message.hasPrefix("the graph was interrupted after ") == true)
    #expect(try await beside)
    for rows in [0..<2, 3..<4] { try stage.run(stage.binding, on: columns, rows: rows) }
    #expect([0, 1, 3].map { columns[1].float32(at: $0) } == [0, 2, 6])
    let alone = #expect(throws: StageFailure.self) {
      try stage.run(stage.binding, on: columns, rows: 2..<3, within: .milliseconds(100))
    }
    #expect(alone?.isOverTime == true)
  }
}
