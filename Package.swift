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
    .systemLibrary(name: "COnnxRuntime", pkgConfig: "libonnxruntime"),
    .target(name: "Engines", dependencies: ["Domain", "COnnxRuntime"], swiftSettings: roomSettings),
    .testTarget(name: "DomainTests", dependencies: ["Domain"], swiftSettings: roomSettings),
    .testTarget(name: "EnginesTests", dependencies: ["Domain", "Engines"], swiftSettings: roomSettings),
  ]
)
