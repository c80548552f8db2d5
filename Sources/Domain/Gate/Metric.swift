/// The metrics that a confidence set may be judged by, named and defined as scikit-learn names and defines them.
package enum Metric: String, Sendable, Hashable, CaseIterable {
  /// Share of rows whose class is right.
  case accuracy
  /// Of the rows that are called positive, the share that is.
  case precision
  /// Of the positive rows, the share that is called so.
  case recall
  /// Harmonic mean of precision and recall.
  case f1
  /// Area under the receiver operating characteristic: predictions are scores, larger meaning more positive.
  case rocAUC = "roc_auc"
  /// Mean negative logarithm of the probability given to the label.
  case logLoss = "log_loss"
  /// Mean squared distance between the probability of the positive class and the label as 0 or 1.
  case brier
  /// Root of the mean squared error.
  case rmse
  /// Mean absolute error.
  case mae
  /// Coefficient of determination.
  case r2

  /// Whether a larger value is a better one. An operator's floor is a ceiling for the others.
  package var isHigherBetter: Bool {
    switch self {
    case .accuracy, .precision, .recall, .f1, .rocAUC, .r2: true
    case .logLoss, .brier, .rmse, .mae: false
    }
  }

  /// What predictions have to be.
  package var prediction: Prediction {
    switch self {
    case .accuracy, .precision, .recall, .f1: .classes
    case .rocAUC, .logLoss, .brier: .probabilities
    case .rmse, .mae, .r2: .numbers
    }
  }

  /// The kinds of predictions.
  package enum Prediction: Sendable {
    /// One of the labels.
    case classes
    /// Of the positive class, from 0 to 1; for `rocAUC` any score.
    case probabilities
    /// Numbers like the labels.
    case numbers
  }

  /// How precision, recall and f1 come from several classes.
  package enum Average: String, Sendable, CaseIterable {
    /// Those of the positive label.
    case binary
    /// The mean of those of each class, unweighted.
    case macro
  }
}
