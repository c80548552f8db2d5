/// What `manifest.json` says of a release: its name, what it needs, what it makes, its stages and its files.
///
/// The digest of a release is the SHA-256 of the manifest's bytes, which list every other file with its own digest.
package struct Manifest: Sendable, Equatable {
  /// The model's name: `[A-Za-z0-9._-]`, at most `Limits.nameCharacters`.
  package var name: String
  /// The version: same characters. Versions are ordered by announcement, never by their text.
  package var version: String
  /// RFC 3339 UTC, as written by `pack`.
  package var createdAt: String?
  /// For people.
  package var description: String?
  /// The fields of a request.
  package var inputs: [InputSpecification]
  /// What becomes of fields of a request that are none of these.
  package var unknownFields: UnknownFields
  /// The columns of an answer.
  package var outputs: [OutputSpecification]
  /// The stages in the order in which they run.
  package var stages: [StageSpecification]
  /// Inputs and the outputs that they must give.
  package var endToEndSet: EndToEndSet?
  /// Labelled inputs and what must be reached on them.
  package var confidenceSet: ConfidenceSet?
  /// When an answer is marked, withheld or replaced.
  package var answerGuard: AnswerGuard?
  /// Rows that one request may carry.
  package var maximumRows: Int
  /// Milliseconds in which a request of one row is to be answered.
  package var deadlineMilliseconds: Double?
  /// What a row may cost, as a multiple of what it costs the live release.
  package var maximumSlowdown: Double?
  /// All files but the manifest itself.
  package var files: [FileEntry]

  /// A manifest as decoded; the decoder has checked names, limits and uniqueness.
  package init(
    name: String, version: String, createdAt: String? = nil, description: String? = nil,
    inputs: [InputSpecification], unknownFields: UnknownFields = .ignore,
    outputs: [OutputSpecification], stages: [StageSpecification],
    endToEndSet: EndToEndSet? = nil, confidenceSet: ConfidenceSet? = nil, answerGuard: AnswerGuard? = nil,
    maximumRows: Int = Limits.rowsPerRequest, deadlineMilliseconds: Double? = nil, maximumSlowdown: Double? = nil,
    files: [FileEntry] = []
  ) {
    self.name = name
    self.version = version
    self.createdAt = createdAt
    self.description = description
    self.inputs = inputs
    self.unknownFields = unknownFields
    self.outputs = outputs
    self.stages = stages
    self.endToEndSet = endToEndSet
    self.confidenceSet = confidenceSet
    self.answerGuard = answerGuard
    self.maximumRows = maximumRows
    self.deadlineMilliseconds = deadlineMilliseconds
    self.maximumSlowdown = maximumSlowdown
    self.files = files
  }

  /// Files that the manifest names outside of its list: stages and sets.
  package var referencedFiles: [String] {
    stages.map(\.file) + [endToEndSet?.file, confidenceSet?.file].compactMap(\.self)
  }

  /// One file of a release.
  package struct FileEntry: Sendable, Equatable {
    /// Relative path with `/`, without `.` or `..` parts.
    package var path: String
    /// SHA-256 of the content, 64 hexadecimal digits.
    package var sha256: String
    /// Bytes.
    package var size: Int

    /// An entry.
    package init(path: String, sha256: String, size: Int) {
      self.path = path
      self.sha256 = sha256
      self.size = size
    }
  }
}
