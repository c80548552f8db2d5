/// Where the chunks of releases are read from: a range of one partition.
///
/// Contract: calls block; records come in the order of their offsets; offsets that compaction, retention or aborted
/// transactions have emptied are passed over, and what is missing is for the reader of the chunks to find. Ends after
/// the range's last offset or at the partition's end, whichever comes first.
package protocol ChunkSource: Sendable {
  /// Gives the records of a range to `body`, and ends with the first error that `body` throws.
  /// - Parameter giveUp: ends the read early, from any thread.
  /// - Throws: `fetch_failed` if the partition cannot be read, also when nothing comes for some time.
  func read(
    topic: String, partition: Int32, offsets: ClosedRange<Int64>, giveUp: GiveUp,
    _ body: (TopicRecord) throws(Refusal) -> Void
  ) throws(Refusal)
}
