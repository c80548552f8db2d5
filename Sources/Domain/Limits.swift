/// Every bound of the product stands here, with the reason for its number (promise P8).
///
/// A bound that is reached is a counted, clear error; nothing grows without one. Where a user may choose, the
/// configuration has a key and the number here is its default or its ceiling.
package enum Limits {
  // MARK: Requests

  /// Nesting of a request body. Contexts are flat and Open Inference tensors nest once per dimension; deeper is an
  /// attack.
  package static let requestDepth = 64
  /// Rows that one request may carry when its release does not say (`limits.max_rows`).
  package static let rowsPerRequest = 4096
  /// The highest `limits.max_rows` that a manifest may ask for: one request must not outlive a transaction.
  package static let rowsPerRequestCeiling = 1 << 20
  /// Elements of one column in one batch (rows × width): keeps 32-bit positions valid and a batch under 8 GiB.
  package static let elementsPerColumn = 1 << 28
  /// Bytes of columns that a release may have taken for requests of a batch when it is to answer them before it takes in
  /// more; one request may take more alone, and so may rows that are given to a fallback.
  package static let batchColumnBytes = 256 << 20
  /// Bytes of an identifier that is echoed (`id`, `x-request-id`). Longer ones are refused, so that an answer stays
  /// small.
  package static let identifierBytes = 512
  /// Characters of a requester's value that an error message repeats.
  package static let quotedCharacters = 64
  /// Names of a release's inputs that an error message lists.
  package static let quotedNames = 8
  /// Bytes of one error message in a response.
  package static let errorMessageBytes = 512
  /// Milliseconds that isolating the rows that fail a stage may take in one batch; what is not told apart by then fails
  /// together.
  package static let isolationMilliseconds = 2000
  /// Milliseconds that one run of the stages should take at most: rows are capped by what they were measured to take, so
  /// that the deadline of a batch is looked at often enough.
  package static let runMilliseconds = 100
  /// Milliseconds that the scoring of one batch should take: a lane gathers fewer records if they are slow, so that no
  /// transaction lasts long and new routing need not wait.
  package static let batchMilliseconds = 250
  /// How many times as long as its rows were measured to take a run may take in any case.
  package static let runPatience = 8
  /// Milliseconds between two looks at whether a run has had its time: it may last longer by so much.
  package static let interruptionPaceMilliseconds = 50
  /// Looks without any run after which nobody looks until there is one: ten seconds.
  package static let idleInterruptionLooks = 200
  /// A look that is so late was late because the process was stopped, not because it had little of the processor.
  package static let stoppedProcessMilliseconds = 1000
  /// Rows that are run at once after some have failed a stage: with one bad row in a hundred, about half of such pieces
  /// are sound.
  package static let rowsAfterFailure = 64
  /// Rows of the first run and records of the first batch, while nothing was measured.
  package static let firstRunRows = 32
  package static let firstBatchRecords = 64
  /// Rows of a run of the stages that are tried. Fewer cost a run's own price too often; from some thousands on no engine
  /// was seen to gain.
  package static let runSizes = [16, 32, 64, 128, 256, 512, 1024, 2048, 4096]
  /// Runs of one size in a trial, or the time after which it has fewer: the fastest one counts, and five are enough for
  /// one that nothing came in between of.
  package static let runsPerTrial = 5
  package static let trialMilliseconds = 20
  /// Runs in a row with too few rows for the size to be tried, after which the trial ends with what it has.
  package static let runsBesideTrial = 64
  /// Runs over which the cost of rows is averaged, and for which it must be strange before sizes are tried again.
  package static let runsOfHabit = 256
  /// Time for finding the size of runs before a release serves.
  package static let runSizeMilliseconds = 300
  /// Milliseconds in which a batch must be scored, unless the configuration says otherwise, and the most that it may say:
  /// a transaction that is open meanwhile times out after 10 seconds.
  package static let batchDeadlineMilliseconds = 5000
  package static let batchDeadlineCeilingMilliseconds = 8000
  /// Headers of one record that are looked at; the dead letter still carries all of them.
  package static let headersPerRecord = 256
  /// Encoded response: Kafka's default `message.max.bytes` less the overhead of a record batch.
  package static let responseBytes = 1_000_000
  /// What a dead letter may be larger than the request that it holds: headers with the reason, topic and message.
  package static let deadLetterOverheadBytes = 65_536
  /// What the headers of a dead letter may take that say where, why and when: mostly the message.
  package static let deadLetterReasonBytes = 8192

  /// Schemas that a decoder keeps prepared, and origins whose text an encoder keeps ready: the releases that one lane
  /// routes to at a time.
  package static let requestPlans = 32

  /// Steps of one model's fallback: each of them is asked within the deadline of the batch.
  package static let fallbackSteps = 8
  /// Seconds between two times that the moving averages are written down, if they have moved.
  package static let averagesSeconds = 5

  // MARK: Releases

  /// Inputs and outputs that a manifest may declare.
  package static let columnsPerRelease = 4096
  /// Values that an output may list: they are compared one by one.
  package static let valuesPerOutput = 1000
  /// Outputs that may be held near their moving average, and actions whose errors have a cost.
  package static let movingAveragesPerRelease = 32
  package static let actionsPerRelease = 1000
  /// Moving averages that a worker keeps over all of its models: as many as they can have.
  package static let movingAverages = modelsPerWorker * movingAveragesPerRelease
  /// Answers that stand in place of an uncertain one.
  package static let alternativesPerRow = 20
  /// Rows that a moving average looks back at most.
  package static let movingAverageRows = 10_000_000
  /// Width of one column.
  package static let columnWidth = 1 << 20
  /// Patterns that the inputs of one release may have: with the memory of each they bound what a lane prepares.
  package static let patternsPerRelease = 256
  /// Bytes of a pattern: a line. What needs more is a list of values or a stage.
  package static let patternBytes = 1000
  /// Bytes that one compiled pattern may take with the states that it remembers; usual ones take some ten thousand.
  package static let patternMemoryBytes = 1 << 20
  /// The highest `minimum_length` or `maximum_length`: more than a record can hold.
  package static let textCharacters = 1 << 30
  /// Bytes of `manifest.json`.
  package static let manifestBytes = 1 << 20
  /// Files that a release may hold.
  package static let filesPerRelease = 64
  /// Bytes of an unpacked release.
  package static let releaseBytes = 8 << 30
  /// Bytes of a release's archive as it travels.
  package static let archiveBytes = 8 << 30
  /// Bytes of a path inside a release.
  package static let pathBytes = 200
  /// Bytes of one chunk on the releases topic: below Kafka's default record maximum of 1 MiB with key and headers.
  package static let chunkBytes = 900_000
  /// Headers of an archive, with directories and extended headers, which hold nothing of a release: four times its
  /// files.
  package static let archiveHeaders = 256
  /// Bytes of one extended header of an archive. What other tools write there (times, owners) is a few hundred bytes.
  package static let extendedHeaderBytes = 65_536
  /// Bytes that are read from a file at once.
  package static let pieceBytes = 1 << 20
  /// Records between the first and the last chunk of a release: ten times what the largest archive needs, for others'
  /// chunks in between.
  package static let recordsPerReleaseRange: Int64 = 100_000
  /// Bytes that must stay free on disk when a release has been fetched and unpacked: the state and its journal need
  /// room.
  package static let spareDiskBytes: Int64 = 64 << 20
  /// Bytes of a configuration or topics file: a hundred times what a deployment with many topics needs.
  package static let configurationBytes = 1 << 20
  /// Characters of a model's name or a version: they become paths, keys and headers.
  package static let nameCharacters = 64
  /// Versions remembered per model after their files are gone, so that a version stays immutable.
  package static let releasesRememberedPerModel = 10_000
  /// Models that one worker knows.
  package static let modelsPerWorker = 256
  /// Activations kept per model for `previous`; what is planned does not count.
  package static let activationsPerModel = 1000

  // MARK: Gate

  /// Bytes of one test set: it is read whole.
  package static let testSetBytes = 256 << 20
  /// Rows of one test set.
  package static let testSetRows = 1 << 20
  /// Failing rows that a report shows; the rest is counted.
  package static let gateFailuresShown = 10
  /// Slices that a report shows, the worst first.
  package static let gateSlicesShown = 50
  /// Slices that a manifest may declare, and values that one of them may have: more is no category.
  package static let slicesPerRelease = 20
  package static let valuesPerSlice = 1000
  /// Seconds in which a release's gate has to end, unless the configuration says otherwise.
  package static let probeSeconds = 300
  /// Bytes of a probe's output that are kept: its report comes last.
  package static let probeOutputBytes = 1 << 20
  /// Bytes of memory that a release must leave free, for the rest of the machine.
  package static let spareMemoryBytes: Int64 = 256 << 20
  /// Pieces of work on releases that go on at once and that nobody waits for: they share the machine with serving.
  package static let workAtOnce = 4
  /// Times that a step of a release is begun which has ended the process, or has failed in a way that a repeat may mend.
  package static let attemptsPerStep = 3
  /// Times that an archive is asked for whose source does not answer, and that a release is loaded which has proved itself
  /// and cannot be read: about two minutes with the pauses between them.
  package static let fetchAttempts = 8
  /// The pause before the second attempt; each later one is twice as long …
  package static let firstRetryMilliseconds: Int64 = 1000
  /// … up to this.
  package static let longestRetryMilliseconds: Int64 = 60_000
  /// Bytes of a value that a report quotes.
  package static let gateValueBytes = 200
  /// Bytes of a refusal's message in a report: room for the figures and one failing row.
  package static let gateMessageBytes = 2048
  /// Labels with costs, and decisions that each of them may list.
  package static let classesPerCost = 1000
  /// The highest `limits.deadline_ms`: an hour is no deadline.
  package static let deadlineCeilingMilliseconds: Double = 3_600_000
  /// Rows that the gate scores at once, of the order of what a lane gathers in a turn.
  package static let gateBatchRows = 256
  /// Rounds in which batches are timed; their median counts.
  package static let gateTimingRounds = 51
  /// Requests of one row that are timed; their median counts.
  package static let gateTimedRequests = 201
  /// Time after which no further round is measured: half of it for batches, half for single requests. The gate shares
  /// its machine with the lanes.
  package static let gateTimingMilliseconds = 1500
  /// How often a release is measured before it counts as too slow.
  package static let gateTimingTries = 3

  // MARK: Files of rows

  /// Bytes of one row of a file: far more than a broker takes.
  package static let rowBytes = 64 << 20
  /// Contexts of a file that a bench sends round and round: all of them lie in memory, as made requests.
  package static let benchContexts = 100_000
  /// Seconds of a bench that are told apart: a day.
  package static let benchSlices = 86_400
  /// Sizes of batches that are tried.
  package static let batchSizes = [1, 8, 32, 128, 512, 2048]
  /// Time for trying them.
  package static let batchSearchMilliseconds = 1200

  // MARK: Commands and events

  /// Bytes of one command on the control topic.
  package static let commandBytes = 1 << 20
  /// Bytes of the URI of a release.
  package static let uriBytes = 2048
  /// Bytes of a command's `reason`: what is longer is cut, since it must keep no rollback back.
  package static let commandReasonBytes = 1024
  /// Bytes of an event's message: what is longer is cut.
  package static let eventMessageBytes = 16_384
  /// Groups or workers that one command names.
  package static let targetsPerCommand = 1000
  /// Routes of one model: more than one a percent make no sense.
  package static let routesPerModel = 100
  /// Age of a status from which on its worker counts as absent: three of the statuses that a worker tells every 10 s.
  package static let staleStatusMilliseconds: Int64 = 30_000
  /// Workers that a line of progress names: it must fit into the width of a terminal, or it could not be overwritten.
  package static let workersInProgress = 2
  /// Commands of a backlog that are recorded by one write: so few that their events take little memory, and so many that
  /// the writes are no part of a start's time.
  package static let commandsRecordedTogether = 500
  /// Command ids that are remembered to drop repeats, newest first.
  package static let commandsRemembered = 100_000
  /// Events that wait to be published. When the broker is away that long, the oldest are dropped and counted.
  package static let outboxEvents = 100_000
  /// Bytes of a message or a reason in a status: a line. The events carry the whole text.
  package static let statusTextBytes = 200
  /// Releases that a status names in all, what serves first.
  package static let statusReleases = 400
  /// Of them those of one model whose files are gone, the newest.
  package static let statusReleasesPerModel = 50
  /// Partitions whose lag a status names, the longest first.
  package static let statusPartitions = 1000
  /// Bytes of a status with the releases that it names: far below Kafka's default record maximum of 1 MiB, since it also
  /// holds for what stands in it without them.
  package static let statusBytes = 400_000
  /// Events that leave in one round.
  package static let outboxBatch = 500

  // MARK: Kafka

  /// Lanes of one worker: beyond that more workers serve better.
  package static let lanes = 16
  /// Partitions whose records one batch may mix: what a lane is scoring must fit into its place in the file that outlives
  /// a crash. A lane with more partitions takes so few records a turn.
  package static let partitionsInFlight = 128
  /// Partitions of which records can be under suspicion: all that every lane can have been scoring.
  package static let suspectRanges = lanes * partitionsInFlight
  /// Records that crashed the process while they were scored alone and that are remembered until their answers are
  /// committed: one crash is one record's, so that hundreds are already a disaster. The oldest are forgotten.
  package static let accusedRecords = 256
  /// Milliseconds for which a lane that is to end waits for an answer of a broker, and half of what it waits for the end of
  /// sending offsets, of a commit and of an abort each.
  package static let lastCallMilliseconds = 1000
  /// Milliseconds for which the closing of a lane's consumer is waited for, once its partitions are given up.
  package static let closeMilliseconds = 5000
  /// Crashes while a record is scored alone after which it is scored no more: one may be the machine's fault, and the
  /// same again twice is not.
  package static let deathsPerRecord = 3
  /// Seconds for which a lock on the state's database is waited for: a backup or a look into it takes less.
  package static let stateLockSeconds = 5
  /// Time for which a state directory of another process is asked for again: a child of one that has ended, between its
  /// fork and its program, holds the lock for moments more.
  package static let stateHandoverMilliseconds: Int64 = 1000
  /// Time after which a suspicion is forgotten whose record has not come again: its partition is another worker's by then.
  package static let suspicionMilliseconds: Int64 = 86_400_000
  /// Seconds after a start in which suspects are looked for: then whatever is left is read by other workers.
  package static let suspicionSeconds = 600
  /// Bytes of the stack on which a lane's thread notes that its own stack is used up. The system's minimum with the
  /// widest registers is a few KiB.
  package static let signalStackBytes = 65_536
  /// Records, and bytes of requests, after which a transaction is committed before its time: half of what the client's
  /// queue takes, so that what waits for the broker always fits.
  package static let transactionRecords = 500_000
  package static let transactionBytes = 128 << 20
  /// Seconds for which a lane may have records to answer and get nowhere, before its clients are made anew: longer than
  /// what heals by itself takes (a commit whose outcome is unknown 20 s, an offset that is not decided yet about as long,
  /// a group that forms anew a session), and half of what the group allows between two polls.
  package static let stalledLaneSeconds = 60
  /// Seconds that a lane may be unknown to its group, though brokers answer, before its clients are made anew: longer than
  /// a group takes to agree and a lane to take its partitions over.
  package static let stalledMembershipSeconds = 180
  /// Seconds, besides the deadline of a batch, for which a lane's thread may stand in one call before the process is ended:
  /// longer than any time-out that a lane gives, and than a group waits for it unless `max.poll.interval.ms` was set, so
  /// that others have taken its partitions by then.
  package static let standingLaneSeconds = 180
  /// Transactional producers of a lane that take turns, so that the next transaction need not wait for the last one's
  /// markers (measured: p50 127–151 ms with one, 5.5–6.9 ms with three).
  package static let producersPerLane = 3
  /// Time for which a destination that made a transaction abort is not written to.
  package static let deniedDestinationSeconds = 60
  /// Partitions that a file of topics may ask for: what one cluster carries in all is of that order.
  package static let partitionsPerTopic = 10_000
  /// Reply topics that are remembered as not to be written to for a while; with one more, all of them are forgotten.
  package static let replyTopics = 1024

  /// The most that librdkafka takes for `message.max.bytes`.
  package static let clientMessageBytes = 1_000_000_000

  // MARK: Redriving

  /// Seconds without a sign of the brokers after which a redrive gives up: a new member of a group waits for the session
  /// of whoever has died, and transactions that fail are tried again for 80 s before they say so themselves.
  package static let redriveSilenceSeconds = 120
  /// Combinations of reason, version and topic that a redrive counts one by one; what comes later is counted together.
  package static let redriveGroups = 1000
  /// Foreign topics that a redrive names.
  package static let redriveTopicsNamed = 20

  // MARK: HTTP

  /// Connections to the admin API: a handful of scrapers and probes, with room for people.
  package static let adminConnections = 64
  /// Bytes of the headers of one request to it. Browsers and probes send a few hundred.
  package static let adminHeaderBytes = 16_384
  /// Headers of one such request.
  package static let adminHeaders = 100
  /// Seconds for a whole request and its answer, also for the pause between two of a connection: longer than the usual
  /// minute between two scrapes, short enough that slow clients give their places back.
  package static let adminRequestSeconds: Int64 = 75
  /// Seconds without a turn of the control thread after which the process counts as hanging. It takes one a second.
  package static let controlTurnSeconds = 30

  /// Seconds that `retire` waits by itself: every worker has to agree before the release's chunks go.
  package static let retireWaitSeconds = 60
  /// Redirects that a fetch follows: more is a loop or a mistake.
  package static let redirectsPerFetch = 5
  /// Attempts in a row that bring not one byte before a fetch is given up. What fetches decides about later ones.
  package static let connectionsPerFetch = 3
  /// Seconds for a connection to a server of releases.
  package static let fetchConnectSeconds = 10
  /// Seconds without a byte from it.
  package static let fetchIdleSeconds = 30
  /// How long a fetch may wait without looking whether it was given up: the next release waits for it.
  package static let giveUpCheckMilliseconds = 200
  /// Patterns of `fetch.allow`.
  package static let fetchPatterns = 100

  // MARK: Log

  /// Lines that one place in the code may log at once, and a second from then on: what goes on failing says so without
  /// filling the disk (at most some kilobytes a second and place).
  package static let logBurst = 50
  package static let logLinesPerSecond = 2

  // MARK: Metrics

  /// Series of all metrics of a worker: some hundred are usual, a server that scrapes it takes ten thousand with ease.
  package static let metricSeries = 5000
  /// Bytes of a label's value.
  package static let metricLabelBytes = 200
  /// Runs of the gate that metrics show, of at most six series each: all that is live, and the newest of the others.
  package static let gateRuns = 500
  /// Versions that are gone and whose series stay for now: the oldest go early, so that there is room for what serves.
  package static let retiredVersions = 500
  /// Seconds for which the series of a version that is gone stay, so that the last scrapes see its last counts.
  package static let retiredSeriesSeconds = 3600
  /// Commands on their way whose acceptance is remembered to measure the time to their switch.
  package static let commandsTimed = 1000
  /// Releases of a model on their way that metrics name, the newest.
  package static let candidatesShown = 10
  /// Waiting events that are counted one by one.
  package static let outboxEventsCounted = 10_000
}
