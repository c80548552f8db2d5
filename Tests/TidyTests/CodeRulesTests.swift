import Testing

/// The rules about code find what they are for.
struct CodeRulesTests {
  @Test(arguments: [
    "func long() {", "private static func `a long name {`(\n  one: Int\n) throws(Error) -> Int {", "init?(a: Int) {",
    "deinit {", "subscript(a: Int) -> Int {", "func long() -> Int\nwhere A: B {",
    "mutating func run(_ body: () -> Void = {}) {",
  ])
  func `a function that is too long is named with its line`(head: String) {
    func found(_ lines: Int) -> [String] {
      let statements = String(repeating: "    if a { b() }\n", count: lines - head.split(separator: "\n").count - 1)
      let sample = "struct S {\n" + head + "\n" + statements + "}\n  func other() {}\n}\n"
      return CodeRules.longFunctions(in: SwiftCode.withoutCommentsAndStrings(sample))
    }
    #expect(found(70) == [])
    #expect(found(71) == ["2: a function of 71 lines, at most 70"])
  }

  @Test func `requirements without a body and calls of initializers are no functions`() {
    let body = String(repeating: "  a()\n", count: 100)
    let sample =
      "protocol P {\n  func a()\n  init(b: Int)\n}\nstruct S {\n\(body)}\nlet s = S.init(b: 1)\nif true {\n\(body)}\n"
    #expect(CodeRules.longFunctions(in: sample) == [])
  }

  @Test(arguments: ["unsafe a.b()", "let a: UnsafeRawPointer", "nonisolated(unsafe) var a = 1"])
  func `unsafe code is found`(line: String) {
    #expect(CodeRules.isUnsafe(line))
    #expect(!CodeRules.isUnsafe(SwiftCode.withoutCommentsAndStrings("// \(line)\nlet b = #\"\(line)\"#")))
    #expect(!CodeRules.isUnsafe("let unsafely = 1"))
  }

  @Test func `blanking keeps lines and code, and ends strings where they end`() {
    let text =
      "let a = \"x\\\" // no\" // yes\nlet b = \"\"\"\n  \"in\"\n  \"\"\"\nlet c = #\"\\\"#; d()\n/* e\nf */ g()"
    #expect(
      SwiftCode.withoutCommentsAndStrings(text)
        == "let a = \"\" \nlet b = \n\n\"\"\nlet c = \"\"; d()\n\n g()")
  }
}
