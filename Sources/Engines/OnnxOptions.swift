/// How sessions of ONNX Runtime use the machine.
///
/// Lanes are the unit of scale-out, each a thread of its own: a session that brings more threads makes lanes wait for
/// each other.
package struct OnnxOptions: Sendable, Equatable {
  /// Threads that share the work of one operator, the calling thread included.
  package var intraOpThreads: Int
  /// Threads that run independent operators side by side, the calling thread included.
  package var interOpThreads: Int

  /// Options; both counts are at least 1.
  package init(intraOpThreads: Int = 1, interOpThreads: Int = 1) {
    self.intraOpThreads = max(1, intraOpThreads)
    self.interOpThreads = max(1, interOpThreads)
  }
}
