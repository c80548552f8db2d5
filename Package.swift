// swift-tools-version: 6.2
import PackageDescription

/// Every room is compiled alike: memory safety is spelled out wherever it is given up, and existential types are visible.
var roomSettings: [SwiftSetting] = [
  .strictMemorySafety(),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
]
// For the scripts: a newer compiler's warnings must not break a user's build.
if Context.environment["UNDERSTUDY_STRICT"] == "1" { roomSettings.append(.treatAllWarnings(as: .error)) }

/// For fuzzers: the rooms that read what others send tell which edges of their control flow are taken. The compiler wants a
/// sanitizer beside it; where the address sanitizer is not (`UNDERSTUDY_EDGES=address` says that it is), `fuzzer` stands
/// for none.
let edges: [SwiftSetting] =
  switch Context.environment["UNDERSTUDY_EDGES"] {
  case "1": [.unsafeFlags(["-sanitize=fuzzer", "-sanitize-coverage=edge,trace-pc-guard"])]
  case "address": [.unsafeFlags(["-sanitize-coverage=edge,trace-pc-guard"])]
  default: []
  }
/// What the edges are told to.
let edgeCounter: [Target.Dependency] = edges.isEmpty ? [] : ["CEdgeCoverage"]

/// The rooms of the data path: in release builds what belongs to an object is not guarded against simultaneous access at
/// each access (a twentieth of the path's instructions). Each object there belongs to one lane, and the tests run with
/// the guard.
let laneSettings =
  roomSettings + [.unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))]

let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")

/// What packages bring along, of one version each too: otherwise it would be the newest of a range. No room uses the
/// products; that a target has them for a platform that there is no build for keeps the compiler from warning of packages
/// that nothing uses.
let broughtAlong: [(package: String, version: Version, product: String)] = [
  ("swift-algorithms", "1.2.1", "Algorithms"),
  ("swift-asn1", "1.7.4", "SwiftASN1"),
  ("swift-async-algorithms", "1.1.4", "AsyncAlgorithms"),
  ("swift-atomics", "1.3.0", "Atomics"),
  ("swift-certificates", "1.21.1", "X509"),
  ("swift-collections", "1.6.0", "Collections"),
  ("swift-configuration", "1.4.0", "Configuration"),
  ("swift-distributed-tracing", "1.7.3", "Tracing"),
  ("swift-http-structured-headers", "1.7.0", "StructuredFieldValues"),
  ("swift-http-types", "1.8.0", "HTTPTypes"),
  ("swift-nio-http2", "1.46.0", "NIOHTTP2"),
  ("swift-nio-ssl", "2.37.6", "NIOSSL"),
  ("swift-nio-transport-services", "1.28.0", "NIOTransportServices"),
  ("swift-numerics", "1.1.1", "Numerics"),
  ("swift-service-context", "1.5.1", "ServiceContextModule"),
  ("swift-system", "1.8.1", "SystemPackage"),
]

let package = Package(
  name: "understudy",
  platforms: [.macOS(.v26)],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
    .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
    .package(url: "https://github.com/apple/swift-metrics", exact: "2.13.0"),
    .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-extras", exact: "1.35.2"),
    .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
    .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", exact: "0.2.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1"),
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    .package(url: "https://github.com/swift-server/async-http-client", exact: "1.37.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
  ] + broughtAlong.map { .package(url: "https://github.com/apple/\($0.package)", exact: $0.version) },
  targets: [
    .executableTarget(
      name: "understudy",
      dependencies: [
        "AdminAPI", "Artifacts", "Deployment", "Domain", "Engines", "Kafka", "Serving", "StateStore", "Wire", logging,
        metrics, .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Histogram", package: "hdrhistogram-swift"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
        .product(name: "Yams", package: "Yams"),
      ] + edgeCounter, swiftSettings: roomSettings + edges),
    .target(
      name: "AdminAPI",
      dependencies: [
        "Domain", "Wire", logging, metrics, .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HummingbirdCore", package: "hummingbird"),
        .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ], swiftSettings: roomSettings),
    .target(name: "Domain", swiftSettings: laneSettings + edges),
    .target(
      name: "Deployment", dependencies: ["CSpawn", "Domain", "Serving", "Wire", logging], swiftSettings: roomSettings),
    .target(name: "Serving", dependencies: ["Domain", metrics], swiftSettings: laneSettings + edges),
    .target(
      name: "Wire", dependencies: ["CRE2", "CSimdJSON", "Domain"], swiftSettings: laneSettings + edges,
      // `Int64(exactly:)` of a Double calls trunc, and nothing here brings the library that has it.
      linkerSettings: [.linkedLibrary("m", .when(platforms: [.linux]))]),
    .target(name: "Engines", dependencies: ["Domain", "COnnxRuntime"], swiftSettings: roomSettings),
    .target(name: "Kafka", dependencies: ["Domain", "CRdKafka", logging], swiftSettings: laneSettings),
    .target(
      name: "StateStore", dependencies: ["CCrashMark", "Domain", .product(name: "GRDB", package: "GRDB.swift")],
      swiftSettings: roomSettings),
    .target(
      name: "Artifacts",
      dependencies: [
        "Domain", .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "Crypto", package: "swift-crypto"), .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
      ], swiftSettings: roomSettings + edges),

    .target(name: "CCrashMark"),
    .target(name: "CSpawn"),
    .target(
      name: "CSimdJSON",
      // As `pkg-config --cflags simdjson` says: the layout of its classes depends on it.
      cxxSettings: [.define("SIMDJSON_THREADS_ENABLED", to: "1")],
      linkerSettings: [.linkedLibrary("simdjson")]),
    .target(name: "CRE2", linkerSettings: [.linkedLibrary("re2")]),
    .systemLibrary(name: "COnnxRuntime", pkgConfig: "libonnxruntime"),
    .systemLibrary(name: "CRdKafka", pkgConfig: "rdkafka", providers: [.apt(["librdkafka-dev"])]),

    .target(
      name: "CEdgeCoverage", path: "Tests/CEdgeCoverage",
      // It is called at each edge, in debug builds too.
      cSettings: [.unsafeFlags(["-O2"])]),
    .target(
      name: "TestSupport", dependencies: ["CEdgeCoverage"], path: "Tests/TestSupport", swiftSettings: roomSettings),
    .testTarget(
      name: "AdminAPITests",
      dependencies: [
        "AdminAPI", "Domain", logging, metrics,
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ], swiftSettings: roomSettings),
    .testTarget(
      name: "ArtifactsTests", dependencies: ["Artifacts", "Domain", "TestSupport"], swiftSettings: roomSettings),
    .testTarget(name: "DomainTests", dependencies: ["Domain", "TestSupport"], swiftSettings: roomSettings),
    .testTarget(
      name: "WireTests", dependencies: ["Domain", "TestSupport", "Wire"], exclude: ["Golden"],
      swiftSettings: roomSettings),
    .testTarget(
      name: "DeploymentTests",
      dependencies: ["Deployment", "Domain", "Serving", "StateStore", "TestSupport", "Wire", logging],
      exclude: ["Golden"], swiftSettings: roomSettings),
    .testTarget(
      name: "ServingTests", dependencies: ["Domain", "Serving", "TestSupport", "Wire"], swiftSettings: roomSettings),
    .testTarget(
      name: "StateStoreTests",
      dependencies: ["Domain", "StateStore", "TestSupport", "Wire", .product(name: "GRDB", package: "GRDB.swift")],
      swiftSettings: roomSettings),
    .testTarget(
      name: "TidyTests",
      dependencies: broughtAlong.map {
        .product(name: $0.product, package: $0.package, condition: .when(platforms: [.wasi]))
      }, swiftSettings: roomSettings),
    .testTarget(
      name: "EnginesTests", dependencies: ["Deployment", "Domain", "Engines", "TestSupport"],
      swiftSettings: roomSettings),
    .testTarget(
      name: "KafkaTests", dependencies: ["CRdKafka", "Domain", "Kafka", logging], swiftSettings: roomSettings),
    .testTarget(
      name: "WorkerTests",
      dependencies: [
        "understudy", "AdminAPI", "Artifacts", "Deployment", "Domain", "Engines", "Kafka", "Serving", "StateStore",
        "TestSupport", "Wire", logging,
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "Yams", package: "Yams"),
      ], swiftSettings: roomSettings),
  ],
  cxxLanguageStandard: .cxx17
)
