import Deployment
import Foundation
import Testing

/// Whether processes may have mounts of their own here: without them there is no disk to fill, nor a directory that root
/// may not write to.
enum Namespaces {
  private static let areAllowed: Bool = {
    let arguments = ["--user", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    let process = try? ChildProcess(
      "/usr/bin/unshare", arguments, environment: ProcessInfo.processInfo.environment)
    return process?.wait() == .exit(0)
  }()

  static func require(_ promise: String) -> Bool { RealBroker.note(promise, isProvable: areAllowed) }
}

extension Trait where Self == ConditionTrait {
  /// Runs a test only where processes may have mounts of their own; elsewhere its promise is recorded as unproved.
  static func ownMounts(_ promise: String) -> Self {
    .enabled("needs unshare(1) with user namespaces") { Namespaces.require(promise) }
  }
}
