// swift-tools-version: 6.2
import PackageDescription

/// Every room is compiled alike: memory safety is spelled out wherever it is given up, and existential types are visible.
let roomSettings: [SwiftSetting] = [
  .strictMemorySafety(),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

let package = Package(
  name: "understudy",
  platforms: [.macOS(.v26)],
  dependencies: [],
  targets: [
    .target(name: "Domain", swiftSettings: roomSettings),
    .target(
      name: "CSimdJSON",
      // As `pkg-config --cflags simdjson` says: the layout of its classes depends on it.
      cxxSettings: [.define("SIMDJSON_THREADS_ENABLED", to: "1")],
      linkerSettings: [.linkedLibrary("simdjson")]),
    .target(
      name: "Wire", dependencies: ["CSimdJSON", "Domain"], swiftSettings: roomSettings,
      // `Int64(exactly:)` of a Double calls trunc, and nothing here brings the library that has it.
      linkerSettings: [.linkedLibrary("m", .when(platforms: [.linux]))]),
    .testTarget(name: "DomainTests", dependencies: ["Domain"], swiftSettings: roomSettings),
    .testTarget(
      name: "WireTests", dependencies: ["Domain", "Wire"], exclude: ["Golden"], swiftSettings: roomSettings),
  ],
  cxxLanguageStandard: .cxx17
)
