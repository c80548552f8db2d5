import Testing

/// Every bound has a test that names it, or stands in a list with the reason why not.
struct LimitTests {
  private func names() throws -> [String] {
    LimitRules.names(in: try SourceTree.text(of: "Sources/Domain/Limits.swift"))
  }

  private func named() throws -> Set<String> {
    let tests = try SourceTree.swiftFiles(below: "Tests").filter { !$0.path.hasPrefix("Tests/TidyTests/") }
    return LimitRules.named(in: tests.map(\.text))
  }

  @Test func `P8: every bound is named by a test or has a reason why it is not`() throws {
    let names = try names()
    #expect(names.count > 100)
    let named = try named()
    #expect(names.filter { !named.contains($0) && !LimitRules.untested.contains($0) } == [])
  }

  @Test func `P8: the list of bounds that no test names only shrinks`() throws {
    let (names, named) = (Set(try names()), try named())
    let stale = LimitRules.untested.filter { named.contains($0) || !names.contains($0) }
    #expect(stale.sorted() == [])
    #expect(LimitRules.untestedByReason.values.joined().count == LimitRules.untested.count, "one reason each")
  }

  @Test func `declarations and uses of bounds are found`() {
    let source =
      "  /// A bound.\n  package static let rows = 3\n  package static let bytes: Int64 = 1 << 20\n  let other = 1"
    #expect(LimitRules.names(in: source) == ["rows", "bytes"])
    #expect(LimitRules.named(in: ["f(Limits.rows + 1)", "Limits.bytes", "limits.other"]) == ["rows", "bytes"])
  }
}
