import Testing

/// The rules find what they are for, in samples that break them.
struct RulesTests {
  @Test(arguments: [
    ("import Domain", "Domain"),
    ("  import Glibc", "Glibc"),
    ("@preconcurrency import Logging", "Logging"),
    ("@_spi(Testing) public import Foundation.NSURL", "Foundation"),
    ("import struct Foundation.URL // a comment", "Foundation"),
    ("internal import\tGRDB", "GRDB"),
  ])
  func `an import is seen whatever stands around it`(line: String, module: String) {
    #expect(Rules.importedModule(line[...]) == module)
  }

  @Test(arguments: ["// import Domain", "let important = 1", "#if canImport(Glibc)", "", "/// import Foundation"])
  func `what is no import is not taken for one`(line: String) {
    #expect(Rules.importedModule(line[...]) == nil)
  }

  @Test(arguments: [
    ("Serving", "Wire"), ("Serving", "CSimdJSON"), ("Serving", "Kafka"), ("Domain", "Foundation"),
    ("Domain", "Logging"),
    ("Domain", "Serving"), ("Wire", "CRdKafka"), ("Kafka", "COnnxRuntime"), ("Deployment", "GRDB"),
    ("understudy", "CRdKafka"),
    ("StateStore", "Crypto"), ("Engines", "Dispatch"),
  ])
  func `a room that imports what it may not know is named with the line`(name: String, module: String) throws {
    let room = try #require(Room.all.first { $0.name == name })
    let text = "import FoundationEssentials\n\nimport \(module)\n"
    #expect(Rules.foreignImports(of: room, in: text) == ["3: \(name) may not import \(module)"])
  }

  @Test func `a file of 400 lines passes, one of 401 does not`() {
    let line = "let x = 1\n"
    #expect(Rules.excessLength(of: String(repeating: line, count: 400)) == [])
    #expect(Rules.excessLength(of: String(repeating: line, count: 401)) == ["401 lines, at most 400"])
  }

  @Test(arguments: [
    "let a = try! read()", "let b = c as! String", "default: fatalError()", "preconditionFailure(\"never\")",
    "// TODO: later",
    "// FIXME",
  ])
  func `what the product must not have is found`(line: String) {
    #expect(Rules.occurrences(of: Rules.forbiddenInSources, in: "ok\n\(line)\nok").count == 1)
  }

  @Test(arguments: ["let a = try? read()", "let b = c as? String", "precondition(index >= 0)"])
  func `what the product may have is let through`(line: String) {
    #expect(Rules.occurrences(of: Rules.forbiddenInSources, in: line) == [])
  }

  @Test(arguments: ["usleep(1000)", "Thread.sleep(forTimeInterval: 1)", "try await Task.sleep(for: .seconds(1))"])
  func `a test that sleeps is found`(line: String) {
    #expect(Rules.occurrences(of: Rules.waitingInTests, in: line) == ["1: sleep("])
  }

  @Test(arguments: ["@Test(.disabled(\"flaky\"))", "withKnownIssue { #expect(false) }"])
  func `a test that is switched off is found`(line: String) {
    #expect(Rules.occurrences(of: Rules.forbiddenInTests, in: line).count == 1)
  }

  @Test func `the table of rooms is read from Markdown`() {
    let text =
      "| room | for | may import | outside |\n|---|---|---|---|\n| `A` | x, y | `B`, `C` | Yams |\n| `B` | z | – | – |"
    #expect(
      ArchitectureTable.rows(of: text) == [
        "A": .init(rooms: ["B", "C"], outside: ["Yams"]), "B": .init(rooms: [], outside: []),
      ])
  }
}
