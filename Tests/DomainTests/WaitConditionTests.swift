import Domain
import Foundation
import Testing

/// Waits between threads.
struct WaitConditionTests {
  @Test func `a wait that nobody ends takes its time, and no more than it`() {
    let started = ContinuousClock.now
    #expect(!Signal().wait(atMost: .milliseconds(60)))
    let taken = started.duration(to: .now)
    #expect(taken >= .milliseconds(60) && taken < .seconds(20), "\(taken)")
  }

  @Test func `a time that is over or none is no wait`() {
    #expect(!Signal().wait(atMost: .zero))
    #expect(!Signal().wait(atMost: .seconds(-3600)))
  }

  @Test func `a signal is remembered once`() {
    let signal = Signal()
    signal.signal()
    signal.signal()
    #expect(signal.wait(atMost: .seconds(20)))
    #expect(!signal.wait(atMost: .zero))
  }

  @Test func `a signal of another thread ends a long wait`() {
    let (there, back) = (Signal(), Signal())
    let started = ContinuousClock.now
    Thread {
      there.wait(atMost: .seconds(100))
      back.signal()
    }.start()
    there.signal()
    #expect(back.wait(atMost: .seconds(100)))
    #expect(started.duration(to: .now) < .seconds(50))
  }

  @Test func `a rest takes its time`() {
    let started = ContinuousClock.now
    rest(for: .milliseconds(30))
    #expect(started.duration(to: .now) >= .milliseconds(30))
    rest(for: .seconds(-1))
  }
}
