import Glibc
import Synchronization

/// Whether a lane's thread comes back from what it calls, for another thread to see.
package final class LanePulse: Sendable {
  private let beats = Atomic<UInt64>(0)
  private let thread = Mutex<pthread_t?>(nil)

  /// Nothing that beats yet.
  package init() {}

  /// Runs a lane on the calling thread, which is the one that is looked at until the body has returned.
  package func whileRunning<Failure: Error>(_ body: () throws(Failure) -> Void) throws(Failure) {
    unblockCrash()
    thread.withLock { $0 = pthread_self() }
    defer { thread.withLock { $0 = nil } }
    beat()
    try body()
  }

  /// Threads that Dispatch's threads make keep SIGABRT from themselves, as those do.
  private func unblockCrash() {
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    unsafe sigaddset(&signals, SIGABRT)
    unsafe pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }

  /// Between two calls, each of which has its time-out. Any thread that works for the lane may say so.
  func beat() { beats.add(1, ordering: .relaxed) }

  /// A number that changes as long as the thread comes back; nil while there is none.
  package var count: UInt64? {
    thread.withLock { $0 == nil ? nil : beats.load(ordering: .relaxed) }
  }

  /// Ends the process by SIGABRT, as a crash on the lane's thread: what it was scoring is remembered as after any other,
  /// and a core dump has the call that it stands in. Does nothing while there is no thread.
  package func crash() {
    thread.withLock { thread in
      if let thread { _ = pthread_kill(thread, SIGABRT) }
    }
  }
}
