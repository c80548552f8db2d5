import Glibc

/// A lock, and something that threads wait for under it: at most for a time, which no change of the time of day stretches.
///
/// Foundation's conditions and sleeps end at a `Date`: when the clock is set back by an hour meanwhile, a wait of a second
/// takes an hour. These go by CLOCK_MONOTONIC.
@safe package final class WaitCondition: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  /// A condition that nobody waits for.
  package init() {
    unsafe mutex.initialize(to: pthread_mutex_t())
    unsafe condition.initialize(to: pthread_cond_t())
    unsafe pthread_mutex_init(mutex, nil)
    var attributes = pthread_condattr_t()
    unsafe pthread_condattr_init(&attributes)
    unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    unsafe pthread_cond_init(condition, &attributes)
    unsafe pthread_condattr_destroy(&attributes)
  }

  deinit {
    unsafe pthread_cond_destroy(condition)
    unsafe pthread_mutex_destroy(mutex)
    unsafe condition.deallocate()
    unsafe mutex.deallocate()
  }

  /// Runs a body under the lock.
  package func withLock<Value>(_ body: () -> Value) -> Value {
    unsafe pthread_mutex_lock(mutex)
    defer { unsafe pthread_mutex_unlock(mutex) }
    return body()
  }

  /// Wakes whoever waits. Under the lock.
  package func broadcast() { unsafe pthread_cond_broadcast(condition) }

  /// Waits until it is so, or until the time is over; the lock is open meanwhile. Under the lock.
  /// - Returns: whether it is so.
  package func wait(atMost limit: Duration, until isSo: () -> Bool) -> Bool {
    var deadline = monotonicTime(after: limit)
    while !isSo() {
      if unsafe pthread_cond_timedwait(condition, mutex, &deadline) == ETIMEDOUT { return isSo() }
    }
    return true
  }
}

/// Lets the calling thread rest for a time by CLOCK_MONOTONIC, for the same reason.
package func rest(for duration: Duration) {
  var end = monotonicTime(after: duration)
  while unsafe clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &end, nil) == EINTR {}
}

/// The reading of CLOCK_MONOTONIC then.
private func monotonicTime(after duration: Duration) -> timespec {
  var time = timespec()
  unsafe clock_gettime(CLOCK_MONOTONIC, &time)
  let nanoseconds = Int64(time.tv_nsec) + max(0, duration.nanoseconds)
  time.tv_sec += Int(nanoseconds / 1_000_000_000)
  time.tv_nsec = Int(nanoseconds % 1_000_000_000)
  return time
}
