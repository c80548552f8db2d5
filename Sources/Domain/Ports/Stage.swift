/// A loaded stage of a release: a function from columns to columns.
///
/// Contract: `run` is called by several lanes at once, each with columns of its own; it blocks, allocates nothing per
/// row where the library allows it, and never traps on content. A stage is freed when the last release that shares it
/// is let go.
package protocol Stage: AnyObject, Sendable {
  /// The names, datatypes and widths that the graph itself declares, before any mapping by a manifest.
  var signature: StageSignature { get }

  /// Reads the bound input columns and writes the bound output columns, for `rows` only. The caller has reserved the
  /// rows in the output columns. Rows outside of `rows` are left alone.
  /// - Parameter limit: the time after which the stage gives up, if it can, and fails for having taken too long.
  func run(
    _ binding: StageBinding, on columns: borrowing Columns, rows: Range<Int>, within limit: Duration
  ) throws(StageFailure)
}

/// Makes stages of files.
///
/// Contract: called off the lanes; blocks while it reads and compiles. Files with the same content (`sha256`) that are
/// in use are shared, not loaded twice.
package protocol StageLoader: Sendable {
  /// Loads the file of a stage and learns its signature. A graph whose widths are not declared is run once with one row
  /// to learn them.
  /// - Parameter sha256: digest of the file's content, the key for sharing.
  func load(engine: String, path: String, sha256: String) throws(StageLoadError) -> any Stage

  /// Gives the memory of stages that were let go of back to the system.
  func returnMemory()
}

/// What a graph needs and makes.
package struct StageSignature: Sendable, Equatable {
  /// The graph's inputs in its own order.
  package var inputs: [ColumnDescriptor]
  /// The graph's outputs in its own order.
  package var outputs: [ColumnDescriptor]

  /// A signature.
  package init(inputs: [ColumnDescriptor], outputs: [ColumnDescriptor]) {
    self.inputs = inputs
    self.outputs = outputs
  }
}

/// Where a stage finds its inputs and puts its outputs: positions in the release's `Columns`, in the signature's order.
package struct StageBinding: Sendable, Equatable {
  /// One column position for each input.
  package var inputs: [Int]
  /// One column position for each output.
  package var outputs: [Int]

  /// A binding.
  package init(inputs: [Int], outputs: [Int]) {
    self.inputs = inputs
    self.outputs = outputs
  }
}

/// A stage failed for the rows that it was given; fewer rows may succeed.
package struct StageFailure: Error, Equatable, CustomStringConvertible {
  /// What the library said, shortened.
  package var message: String
  /// Whether the stage was interrupted, for it did not end within its time.
  package var isOverTime: Bool

  /// A failure.
  package init(message: String, isOverTime: Bool = false) {
    self.message = message
    self.isOverTime = isOverTime
  }

  package var description: String { message }
}

/// A stage cannot be used: the release is refused.
package enum StageLoadError: Error, Equatable, CustomStringConvertible {
  /// The file cannot be read or compiled (`load_failed`).
  case loadFailed(String)
  /// The file is there and cannot be read for the moment (`load_failed`): a later attempt may succeed.
  case unreadable(String)
  /// The graph has a form that no manifest can bind (`stage_mismatch`), with what to change.
  case unusable(String)

  package var description: String {
    switch self {
    case .loadFailed(let message), .unreadable(let message), .unusable(let message): message
    }
  }
}
