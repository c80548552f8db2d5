import Domain

/// What a probe may take, and what it asks for.
package struct ProbeOptions: Sendable, Equatable {
  package var policy: GatePolicy
  /// Seconds after which it is ended: the release hangs, or is too slow to be proved.
  package var deadlineSeconds: Int
  /// Bytes that the release may take in it; nil for what the machine has left.
  package var memoryBytes: Int64?
  /// Threads of one operator of a model, as in the worker.
  package var engineThreads: Int

  /// Options.
  package init(
    policy: GatePolicy = GatePolicy(), deadlineSeconds: Int = Limits.probeSeconds, memoryBytes: Int64? = nil,
    engineThreads: Int = 1
  ) {
    self.policy = policy
    self.deadlineSeconds = deadlineSeconds
    self.memoryBytes = memoryBytes
    self.engineThreads = engineThreads
  }
}
