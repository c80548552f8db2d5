import Artifacts
import Domain
import Kafka
import Serving

/// Puts dead letters back, by a lane that ends by itself: its group, transactions and recovery are those of a worker.
struct Redrive: Sendable {
  let target: ConnectionOptions.Target
  let filter: RedriveFilter
  /// Names another pass with the same filter.
  let name: String?
  let interruption: Interruption
  let watch = RedriveWatch()
  private let control = LaneControl()

  /// How a redrive ends.
  enum Ending: Sendable {
    /// Everything that was there is read.
    case done
    /// By whoever started it.
    case interrupted
    /// By the brokers, or another process.
    case failed(CommandFailure)
  }

  /// The group whose offsets say which letters this filter is done with.
  var group: String {
    let digest = Digest.sha256(Array(filter.canonical.utf8)).prefix(Self.digestCharacters)
    return "\(target.group).redrive.\(digest)\(name.map { ".\($0)" } ?? "")"
  }

  /// Few enough to be read, enough for filters not to meet: nobody has thousands of them.
  private static let digestCharacters = 12

  /// Runs to the end. What goes wrong once letters may have gone back is an ending, so that it is told what was done.
  func run() async throws -> Ending {
    let topics = try await onThread("topics") { try RedriveTopics(target) }
    return try await withThrowingTaskGroup(of: Ending?.self) { tasks in
      tasks.addTask {
        defer { watch.end() }
        return try await onThread("redrive") {
          interruption.arm()
          return lane(topics)
        }
      }
      tasks.addTask {
        await look()
        return nil
      }
      var ending = Ending.interrupted
      for try await ended in tasks { ending = ended ?? ending }
      Terminal.endProgress()
      return ending
    }
  }

  private func lane(_ topics: RedriveTopics) -> Ending {
    let lane = Lane(
      configuration: configuration, control: control, topics: topics.destinations, observer: watch,
      offsetMemory: NoOffsetMemory(), logger: target.logger
    ) { _ in RedriveProcessor(filter, targets: topics.targets, counts: watch.counts) }
    do throws(KafkaError) { try lane.run() } catch {
      guard case .fenced = error else { return .failed(CommandFailure(error)) }
      return .failed(
        .taken("another process redrives with the same filter, in group \(group), and has taken over; this one ends"))
    }
    if lane.hasReachedEnds { return .done }
    return interruption.isRaised ? .interrupted : .failed(.failed(silenceText))
  }

  private var configuration: LaneConfiguration {
    LaneConfiguration(
      properties: target.properties, group: group, slot: "0", number: 0, requestTopics: [target.topics.deadLetters],
      responsesTopic: target.topics.responses, deadLettersTopic: target.topics.deadLetters,
      delivery: target.worker.delivery, start: .earliest, batchRecords: target.worker.batchRecords,
      batchBytes: target.worker.batchBytes, lingerMilliseconds: target.worker.lingerMilliseconds,
      commitIntervalMilliseconds: target.worker.commitIntervalMilliseconds,
      fetchWaitMilliseconds: target.worker.fetchWaitMilliseconds, stopsAtEnds: true)
  }

  /// Shows how far it is, and ends it when somebody asks for that or the brokers are silent.
  private func look() async {
    while !watch.isOver {
      if interruption.isRaised || watch.silence > .seconds(Limits.redriveSilenceSeconds) { control.stop() }
      let report = watch.counts.report
      Terminal.progress(
        watch.hasPartitions
          ? "read \(report.read) of \(watch.size), matched \(report.matched), redriven \(report.redrivenInAll), skipped \(report.skippedInAll)"
          : "joining group \(group)")
      try? await Task.sleep(for: .milliseconds(100))
    }
  }

  private var silenceText: String {
    let what =
      watch.hasPartitions
      ? "no letter was read for \(Limits.redriveSilenceSeconds) s, and the end of \(target.topics.deadLetters) is not reached"
      : "group \(group) gave no partitions of \(target.topics.deadLetters) within \(Limits.redriveSilenceSeconds) s"
    return "\(what): are the brokers up? The same command goes on"
  }
}
