/// A target under `Sources` and what it may know: the table of ARCHITECTURE.md.
struct Room {
  let name: String
  /// Rooms that it may import.
  let rooms: Set<String>
  /// Modules of packages and C libraries that it may import.
  let outside: Set<String>

  init(_ name: String, imports rooms: Set<String>, outside: Set<String> = []) {
    self.name = name
    self.rooms = rooms
    self.outside = outside
  }

  static let all: [Room] = [
    Room(
      "understudy",
      imports: ["AdminAPI", "Kafka", "Engines", "StateStore", "Artifacts", "Deployment", "Serving", "Wire", "Domain"],
      outside: ["ArgumentParser", "Histogram", "Yams", "ServiceLifecycle", "UnixSignals"]),
    Room(
      "AdminAPI", imports: ["Domain", "Wire"],
      outside: ["Hummingbird", "HummingbirdCore", "NIOCore", "NIOHTTPTypes", "NIOPosix", "ServiceLifecycle"]),
    Room("Kafka", imports: ["Domain"], outside: ["CRdKafka"]),
    Room("Engines", imports: ["Domain"], outside: ["COnnxRuntime"]),
    Room("StateStore", imports: ["Domain"], outside: ["CCrashMark", "GRDB"]),
    Room("Artifacts", imports: ["Domain"], outside: ["AsyncHTTPClient", "Crypto", "NIOCore", "NIOHTTP1", "NIOPosix"]),
    Room("Deployment", imports: ["Domain", "Serving", "Wire"], outside: ["CSpawn"]),
    Room("Serving", imports: ["Domain"]),
    Room("Wire", imports: ["Domain"], outside: ["CRE2", "CSimdJSON"]),
    Room("Domain", imports: []),
  ]

  /// Targets under `Sources` that hold no Swift: a C library's headers, or a shim over it.
  static let bridges: Set<String> = ["CCrashMark", "COnnxRuntime", "CRE2", "CRdKafka", "CSimdJSON", "CSpawn"]

  /// Everything that a file of the room may import.
  var modules: Set<String> {
    let platform: Set<String> = ["FoundationEssentials", "Glibc", "Synchronization"]
    let common = name == "Domain" ? platform : platform.union(["CoreMetrics", "Foundation", "Logging"])
    return rooms.union(outside).union(common)
  }
}
