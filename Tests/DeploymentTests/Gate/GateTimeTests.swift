import Deployment
import Domain
import Foundation
import Synchronization
import Testing

/// What the gate measures, with a clock that only stages move.
struct GateTimeTests {
  /// Nanoseconds since the test began.
  private final class Hands: Sendable {
    private let nanoseconds = Mutex<Int64>(0)
    private let waited = Mutex<Int64>(0)
    private let calls = Mutex<[Int]>([])
    /// Nanoseconds that every so many calls wait for a processor.
    private let wait: Int64
    private let every: Int
    /// Processors that a call uses at the same time.
    private let threads: Int64
    /// Nanoseconds from the beginning on in which each call takes 4 ms longer.
    private let slowUntil: Int64

    init(
      waitMicroseconds: Int64 = 0, every: Int = 1, threads: Int64 = 1, slowUntilMilliseconds: Int64 = 0
    ) {
      slowUntil = slowUntilMilliseconds * 1_000_000
      wait = waitMicroseconds * 1000
      self.every = every
      self.threads = threads
    }

    var clock: GateClock {
      GateClock(
        { self.nanoseconds.withLock { $0 } },
        used: { self.threads * (self.nanoseconds.withLock { $0 } - self.waited.withLock { $0 }) })
    }
    var elapsedMilliseconds: Int64 { nanoseconds.withLock { $0 } / 1_000_000 }
    /// Rows of each call.
    var rows: [Int] { calls.withLock { $0 } }

    /// A release whose calls take so long, and so much longer for each row.
    func bench(_ version: String, callMicroseconds: Int64 = 0, rowMicroseconds: Int64) -> GateBench {
      var bench = GateBench(
        version: version,
        stage: .threshold { rows in
          let count = self.calls.withLock {
            $0.append(rows)
            return $0.count
          }
          let waits = count.isMultiple(of: self.every)
          self.nanoseconds.withLock {
            let slowness: Int64 = $0 < self.slowUntil ? 4_000_000 : 0
            $0 += (callMicroseconds + rowMicroseconds * Int64(rows)) * 1000 + (waits ? self.wait : 0)
            $0 += slowness
          }
          if waits { self.waited.withLock { $0 += self.wait } }
        })
      bench.clock = clock
      return bench
    }
  }

  @Test func `P3: rows and requests are measured, and without a bound not judged`() throws {
    let hands = Hands()
    let report = try hands.bench("2", callMicroseconds: 100, rowMicroseconds: 2)
      .all(against: hands.bench("1", callMicroseconds: 200, rowMicroseconds: 1))
    #expect(report.hasPassed)
    // 20 rows a batch: 100 / 20 + 2, and 200 / 20 + 1.
    #expect(report.resources?.rowMicroseconds == 7 && report.resources?.liveRowMicroseconds == 11)
    #expect(report.resources?.requestMilliseconds == 0.102)
    #expect(report.resources?.maximumSlowdown == nil && report.resources?.deadlineMilliseconds == nil)
  }

  @Test(arguments: [(3.0, true), (2.9, false)])
  func `P3: a release may be slower than the live one as far as it declares`(maximum: Double, passes: Bool) throws {
    let hands = Hands()
    var new = hands.bench("2", rowMicroseconds: 6)
    new.manifest.maximumSlowdown = maximum
    let report = try new.all(against: hands.bench("1", rowMicroseconds: 2))
    #expect(report.hasPassed == passes && report.resources?.maximumSlowdown == maximum)
    if !passes {
      #expect(
        report.refusal
          == Refusal(.tooSlow, "a row takes 6 µs, with 1 2 µs; acceptable is 2.9 times that, 5.8 µs"))
    }
    #expect(try new.all().hasPassed, "without a live release there is nothing to be slower than")
  }

  @Test(arguments: [(5.0, true), (4.99, false)])
  func `P3: a request of one row must keep the deadline`(deadline: Double, passes: Bool) throws {
    let hands = Hands()
    var new = hands.bench("2", callMicroseconds: 5000, rowMicroseconds: 0)
    new.manifest.deadlineMilliseconds = deadline
    let report = try new.all()
    #expect(report.hasPassed == passes && report.resources?.requestMilliseconds == 5)
    if !passes {
      #expect(report.refusal == Refusal(.tooSlow, "a request of one row takes 5 ms, the deadline is 4.99 ms"))
    }
  }

  @Test(arguments: [1, 2, 7])
  func `P3: what a run waits for a processor is not counted, in whichever of them it waits`(every: Int) throws {
    let hands = Hands(waitMicroseconds: 100_000, every: every)
    var new = hands.bench("2", callMicroseconds: 6000, rowMicroseconds: 0)
    new.manifest.deadlineMilliseconds = 6
    new.manifest.maximumSlowdown = 3
    let live = hands.bench("1", callMicroseconds: 2000, rowMicroseconds: 0)
    let report = try new.all(against: live)
    #expect(report.hasPassed && report.resources?.requestMilliseconds == 6)
    #expect(report.resources?.rowMicroseconds == 300 && report.resources?.liveRowMicroseconds == 100)
    new.manifest.maximumSlowdown = 2.9
    #expect(try new.all(against: live).refusal?.reason == .tooSlow)
  }

  @Test func `P3: where several threads compute, the time that passes counts, and not the sum of theirs`() throws {
    let hands = Hands(threads: 4)
    var new = hands.bench("2", callMicroseconds: 5000, rowMicroseconds: 0)
    new.manifest.deadlineMilliseconds = 5
    #expect(try new.all().resources?.requestMilliseconds == 5)
  }

  @Test(arguments: [(1500, true), (60_000, false)] as [(Int64, Bool)])
  func `P3: what is too slow is measured again, and refused if it is so each time`(until: Int64, passes: Bool) throws {
    let hands = Hands(slowUntilMilliseconds: until)
    var new = hands.bench("2", callMicroseconds: 1000, rowMicroseconds: 0)
    new.manifest.deadlineMilliseconds = 2
    let report = try new.all()
    #expect(report.hasPassed == passes)
    #expect(report.resources?.requestMilliseconds == (passes ? 1 : 5))
    // Once takes a second while it is slow.
    let times = Int(hands.elapsedMilliseconds / 1000)
    #expect((times >= Limits.gateTimingTries) == !passes, "\(hands.elapsedMilliseconds) ms")
  }

  @Test func `P3: the machine's clock knows what a process has used, which is no more than its processors have`() throws
  {
    let clock = GateClock.system
    let (start, used) = (clock.nanoseconds(), clock.used())
    while clock.used() - used < 50_000_000, clock.nanoseconds() - start < 20_000_000_000 {}
    let (spent, passed) = (clock.used() - used, clock.nanoseconds() - start)
    #expect(spent >= 50_000_000)
    // A tick of the scheduler more, by which the system may be late.
    #expect(spent <= Int64(ProcessInfo.processInfo.activeProcessorCount) * (passed + 10_000_000))
  }

  @Test func `P3: measuring ends when its time is used up, with at least one round`() throws {
    let hands = Hands()
    var new = hands.bench("2", callMicroseconds: 400_000, rowMicroseconds: 0)
    new.manifest.endToEndSet = nil
    new.policy.isRequired = false
    let report = try new.all()
    // One run of the set, one to begin with, two batches and two requests.
    #expect(hands.rows == [20, 20, 20, 20, 1, 1])
    #expect(hands.elapsedMilliseconds == 2400)
    #expect(report.resources?.requestMilliseconds == 400)
  }

  @Test func `P3: a release that has an end-to-end set only is measured with its rows`() throws {
    let hands = Hands()
    var new = hands.bench("2", rowMicroseconds: 3)
    new.manifest.confidenceSet = nil
    new.policy.isRequired = false
    #expect(try new.all().resources?.rowMicroseconds == 3)
  }

  @Test func `P3: batches have at most the size of a lane's turn, and releases take turns`() throws {
    let hands = Hands()
    var new = hands.bench("2", rowMicroseconds: 1)
    new.confidence = GateBench.rows((0..<600).map { (Float($0 % 100), $0 % 100 < 50 ? "no" : "yes", "FL") })
    let report = try new.all()
    #expect(report.hasPassed)
    // The first batch of a runner is run in pieces that grow, while nothing is known of what a row takes.
    #expect(hands.rows.prefix(9) == [1, 32, 128, 96, 256, 88, 32, 128, 96])
    #expect(hands.rows.dropFirst(9).allSatisfy { $0 == 256 || $0 == 1 })
    #expect(hands.rows.count { $0 == 256 } == 1 + Limits.gateTimingRounds)
  }
}
