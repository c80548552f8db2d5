import Testing

/// The house rules, held over every file of the package.
struct TidyTests {
  // The harness is where tests wait; this target names what it forbids.
  static let exemptFromWaiting = ["Tests/WorkerTests/Harness/Waiting.swift", "Tests/TidyTests/"]

  @Test(arguments: Room.all.map(\.name))
  func `a room imports only what the table lets it know`(name: String) throws {
    let room = try #require(Room.all.first { $0.name == name })
    let found = try SourceTree.findings(below: "Sources/\(name)") { Rules.foreignImports(of: room, in: $0) }
    #expect(found == [])
  }

  @Test func `every directory under Sources is a room or the bridge to a C library`() throws {
    #expect(try SourceTree.directories(in: "Sources") == Room.bridges.union(Room.all.map(\.name)))
  }

  @Test func `ARCHITECTURE_md has the same table`() throws {
    let rows = ArchitectureTable.rows(of: try SourceTree.text(of: "ARCHITECTURE.md"))
    #expect(Set(rows.keys) == Set(Room.all.map(\.name)))
    let below = Set(Room.all.map(\.name)).subtracting(["understudy"])
    for room in Room.all {
      let row = try #require(rows[room.name])
      #expect(room.rooms == (row.rooms == ["all"] ? below : row.rooms), "\(room.name)")
      #expect(room.outside == row.outside, "\(room.name)")
    }
  }

  @Test func `no room imports one that imports it`() {
    let known = Dictionary(uniqueKeysWithValues: Room.all.map { ($0.name, $0.rooms) })
    for room in Room.all {
      for other in room.rooms { #expect(known[other]?.contains(room.name) == false, "\(room.name) and \(other)") }
    }
  }

  @Test(arguments: ["Sources", "Tests"])
  func `no Swift file is longer than a reader can hold`(directory: String) throws {
    #expect(try SourceTree.findings(below: directory, Rules.excessLength) == [])
  }

  @Test func `the product neither traps on what may happen nor leaves work undone`() throws {
    let found = try SourceTree.findings(below: "Sources") { Rules.occurrences(of: Rules.forbiddenInSources, in: $0) }
    #expect(found == [])
  }

  @Test func `no test sleeps`() throws {
    let found = try SourceTree.findings(below: "Tests", except: Self.exemptFromWaiting) {
      Rules.occurrences(of: Rules.waitingInTests, in: $0)
    }
    #expect(found == [])
  }

  @Test func `no test is switched off or expected to fail`() throws {
    let found = try SourceTree.findings(below: "Tests", except: ["Tests/TidyTests/"]) {
      Rules.occurrences(of: Rules.forbiddenInTests, in: $0)
    }
    #expect(found == [])
  }

  @Test func `each step of the image is a script that is tried without one`() throws {
    let lines = try SourceTree.text(of: "docker/Dockerfile").split(separator: "\n")
    let steps = lines.filter { $0.hasPrefix("RUN ") }.map { $0.dropFirst(4).split(separator: " ")[0] }
    #expect(!steps.isEmpty)
    for step in steps {
      let name = step.split(separator: "/").last.map(String.init) ?? ""
      let places = ["scripts/\(name)", "docker/\(name)"].filter { (try? SourceTree.text(of: $0)) != nil }
      #expect(places.count == 1, "\(step)")
      let runs = try places.contains { try SourceTree.text(of: "scripts/test").contains($0) }
      #expect(runs, "scripts/test does not run \(name)")
    }
  }
}
