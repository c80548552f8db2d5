import Testing

/// Rules about code, held over every file.
struct CodeTests {
  private func code(below directory: String) throws -> [SourceTree.File] {
    try SourceTree.swiftFiles(below: directory).map {
      SourceTree.File(path: $0.path, text: SwiftCode.withoutCommentsAndStrings($0.text))
    }
  }

  @Test(arguments: ["Sources", "Tests"])
  func `every function fits`(directory: String) throws {
    let found = try code(below: directory).flatMap { file in
      CodeRules.longFunctions(in: file.text).map { "\(file.path):\($0)" }
    }
    #expect(found == [])
  }

  @Test func `unsafe code stays where a library is wrapped, and in a few places that each have a reason`() throws {
    let files = try code(below: "Sources").filter { CodeRules.isUnsafe($0.text) }.map(\.path)
    let places = CodeRules.unsafePlaces.keys
    #expect(files.filter { file in !places.contains { file.hasPrefix($0) } } == [])
    // A place that needs its entry no more has none.
    #expect(places.filter { place in !files.contains { $0.hasPrefix(place) } } == [])
  }

  @Test func `no worker waits by the time of day`() throws {
    let files = try code(below: "Sources").filter { file in
      !CodeRules.waitingTools.contains { file.path.hasPrefix($0) }
    }
    let found = files.flatMap { file in
      Rules.occurrences(of: CodeRules.waitsByTimeOfDay, in: file.text).map { "\(file.path):\($0)" }
    }
    #expect(found == [])
  }

  @Test func `only Wire knows JSON`() throws {
    let found = try code(below: "Sources").filter { !$0.path.hasPrefix("Sources/Wire/") }.flatMap { file in
      Rules.occurrences(of: CodeRules.jsonCoders, in: file.text).map { "\(file.path):\($0)" }
    }
    #expect(found == [])
  }

  @Test func `Domain asks the system for the time and for fail points only`() throws {
    let found = try SourceTree.findings(below: "Sources/Domain", except: CodeRules.domainWithGlibc) { text in
      text.split(separator: "\n").filter { Rules.importedModule($0) == "Glibc" }.map(String.init)
    }
    #expect(found == [])
  }
}
