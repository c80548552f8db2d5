/// What a command on the control topic asks for.
package enum Command: Sendable, Equatable {
  /// A release exists; fetch it, prove it, and make it live if it says so.
  case modelReady(ModelReady)
  /// Go back to an earlier release.
  case rollback(Rollback)
  /// Route a model; one route of 100 promotes a stored release.
  case traffic(Traffic)
  /// Forget a release and its files.
  case retire(Retire)
  /// Stop consuming, or stop making releases of a model live.
  case pause(Pause)
  /// The end of a pause, or of the hold that a rollback left.
  case resume(Resume)

  /// The word in the CloudEvents type `io.understudy.<kind>.v1`.
  package var kind: CommandKind {
    switch self {
    case .modelReady: .modelReady
    case .rollback: .rollback
    case .traffic: .traffic
    case .retire: .retire
    case .pause: .pause
    case .resume: .resume
    }
  }

  /// The model that the command is about; nil for the whole worker.
  package var model: String? {
    switch self {
    case .modelReady(let command): command.model
    case .rollback(let command): command.model
    case .traffic(let command): command.model
    case .retire(let command): command.model
    case .pause(let command): command.model
    case .resume(let command): command.model
    }
  }
}

/// The closed list of command kinds.
package enum CommandKind: String, Sendable, CaseIterable {
  case modelReady = "model.ready"
  case rollback
  case traffic
  case retire
  case pause
  case resume
}

/// Data of `model.ready`.
package struct ModelReady: Sendable, Equatable {
  /// The release.
  package var identity: ReleaseIdentity
  /// `sha256:<hex>` of the tar.
  package var archiveDigest: String
  /// Bytes of the tar.
  package var size: Int64
  /// Where the tar is: `kafka:<topic>/<partition>/<first>-<last>` or `file:<path>`.
  package var uri: String
  /// What to do when it has proved itself.
  package var activate: ActivationMode
  /// Announcement.
  package init(
    identity: ReleaseIdentity, archiveDigest: String, size: Int64, uri: String, activate: ActivationMode = .auto
  ) {
    self.identity = identity
    self.archiveDigest = archiveDigest
    self.size = size
    self.uri = uri
    self.activate = activate
  }

  package var model: String { identity.model }
}

/// What becomes of a release that has proved itself.
package enum ActivationMode: String, Sendable, CaseIterable {
  /// It goes live.
  case auto
  /// It is stored until somebody promotes it.
  case manual
  /// It serves a share of the requests.
  case canary
  /// It scores requests without answering them.
  case shadow
}

/// Data of `rollback`.
package struct Rollback: Sendable, Equatable {
  package var model: String
  /// The version to go back to; nil for the receiving worker's own previous one.
  package var to: String?
  /// Whether later announcements are kept from going live until `resume`.
  package var hold: Bool
  /// For people.
  package var reason: String?

  /// A rollback.
  package init(model: String, to: String?, hold: Bool = true, reason: String? = nil) {
    self.model = model
    self.to = to
    self.hold = hold
    self.reason = reason
  }
}

/// Data of `traffic`.
package struct Traffic: Sendable, Equatable {
  package var model: String
  /// Weights sum to 100.
  package var routes: [Route]

  /// A routing.
  package init(model: String, routes: [Route]) {
    self.model = model
    self.routes = routes
  }

  /// One release's share.
  package struct Route: Sendable, Equatable {
    package var version: String
    package var weight: Int
    package var role: String

    /// A route.
    package init(version: String, weight: Int, role: String = "primary") {
      self.version = version
      self.weight = weight
      self.role = role
    }
  }
}

/// Data of `retire`.
package struct Retire: Sendable, Equatable {
  package var model: String
  package var version: String

  /// A retirement.
  package init(model: String, version: String) {
    self.model = model
    self.version = version
  }
}

/// What a pause stops.
package enum PauseScope: String, Sendable, CaseIterable {
  /// Consuming requests, for the whole worker.
  case consume
  /// New releases of one model going live.
  case activation
}

/// Data of `pause`.
package struct Pause: Sendable, Equatable {
  package var scope: PauseScope
  /// Needed for `activation`.
  package var model: String?
  /// Milliseconds since 1970 at which the pause ends by itself.
  package var until: Int64?
  /// For people.
  package var reason: String?

  /// A pause.
  package init(scope: PauseScope, model: String? = nil, until: Int64? = nil, reason: String? = nil) {
    self.scope = scope
    self.model = model
    self.until = until
    self.reason = reason
  }
}

/// Data of `resume`.
package struct Resume: Sendable, Equatable {
  package var scope: PauseScope
  package var model: String?
  /// For people.
  package var reason: String?

  /// A resumption.
  package init(scope: PauseScope, model: String? = nil, reason: String? = nil) {
    self.scope = scope
    self.model = model
    self.reason = reason
  }
}
