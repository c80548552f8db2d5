// swift-tools-version: 6.2
import PackageDescription

/// Every room is compiled alike: memory safety is spelled out wherever it is given up, and existential types are visible.
let roomSettings: [SwiftSetting] = [
  .strictMemorySafety(),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

let logging = Target.Dependency.product(name: "Logging", package: "swift-log")

let package = Package(
  name: "understudy",
  platforms: [.macOS(.v26)],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
    .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
    .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
  ],
  targets: [
    .target(name: "Domain", swiftSettings: roomSettings),
    .target(name: "Serving", dependencies: ["Domain"], swiftSettings: roomSettings),
    .target(name: "Engines", dependencies: ["Domain", "COnnxRuntime"], swiftSettings: roomSettings),
    .target(name: "Kafka", dependencies: ["Domain", "CRdKafka", logging], swiftSettings: roomSettings),
    .target(
      name: "StateStore", dependencies: ["Domain", .product(name: "GRDB", package: "GRDB.swift")],
      swiftSettings: roomSettings),
    .target(
      name: "Artifacts", dependencies: ["Domain", .product(name: "Crypto", package: "swift-crypto")],
      swiftSettings: roomSettings),

    .systemLibrary(name: "COnnxRuntime", pkgConfig: "libonnxruntime"),
    .systemLibrary(name: "CRdKafka", pkgConfig: "rdkafka", providers: [.apt(["librdkafka-dev"])]),

    .testTarget(name: "ArtifactsTests", dependencies: ["Artifacts", "Domain"], swiftSettings: roomSettings),
    .testTarget(name: "DomainTests", dependencies: ["Domain"], swiftSettings: roomSettings),
    .testTarget(name: "EnginesTests", dependencies: ["Domain", "Engines"], swiftSettings: roomSettings),
    .testTarget(name: "KafkaTests", dependencies: ["Domain", "Kafka", logging], swiftSettings: roomSettings),
  ]
)
