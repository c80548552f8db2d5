import Deployment
import Domain
import Foundation
import Testing
import Wire

/// What scikit-learn says, from the file that `Golden/metrics.py` writes.
struct MetricGoldenTests {
  struct Case: Sendable {
    var name: String
    var metric: Metric
    var average: Metric.Average
    var input: MetricInput
    var expected: Double?
  }

  static let document: JSON? = {
    let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Golden/metrics.json")
    return (try? Data(contentsOf: path)).flatMap { try? JSON(parsing: Array($0)) }
  }()

  static func array(_ json: JSON?) -> [JSON] { if case .array(let elements)? = json { elements } else { [] } }

  static func number(_ json: JSON?) -> Double? {
    switch json {
    case .number(let number)?: number
    case .integer(let integer)?: Double(integer)
    default: nil
    }
  }

  static func text(_ json: JSON?) -> String? { if case .text(let text)? = json { text } else { nil } }

  static let cases: [Case] = {
    let samples = array(document?["samples"])
    return array(document?["cases"]).compactMap { json in
      guard let metric = text(json["metric"]).flatMap(Metric.init), let name = text(json["name"]),
        let average = text(json["average"]).flatMap(Metric.Average.init), let sample = number(json["sample"])
      else { return nil }
      let labels = array(samples[Int(sample)]["labels"])
      let predictions = array(samples[Int(sample)]["predictions"])
      let input: MetricInput =
        switch metric.prediction {
        case .classes:
          MetricInput(
            labels: labels.compactMap(text), predictions: predictions.compactMap(text), positive: text(json["positive"])
          )
        case .probabilities:
          .scores(predictions.compactMap(number), isPositive: labels.map { number($0) == 1 })
        case .numbers: .numbers(predictions.compactMap(number), labels: labels.compactMap(number))
        }
      return Case(name: name, metric: metric, average: average, input: input, expected: number(json["expected"]))
    }
  }()

  @Test func `P3: every case of the file is read, and each metric has some`() {
    #expect(Self.text(Self.document?["scikit_learn"]) == "1.9.1")
    #expect(Self.cases.count == Self.array(Self.document?["cases"]).count)
    #expect(Set(Self.cases.map(\.metric)) == Set(Metric.allCases))
    #expect(Self.cases.filter { $0.expected == nil }.count >= 5)
  }

  @Test(arguments: Metric.allCases)
  func `P3: a metric is what scikit-learn computes`(metric: Metric) {
    for sample in Self.cases where sample.metric == metric {
      let name = "\(sample.name), \(sample.average.rawValue)"
      let found = metric.value(of: sample.input, average: sample.average)
      guard let expected = sample.expected, let found else {
        #expect(found == nil && sample.expected == nil, "\(name): \(String(describing: found))")
        continue
      }
      #expect(abs(found - expected) <= 1e-9 * max(1, abs(expected)), "\(name): \(found), scikit-learn \(expected)")
    }
  }

  @Test func `P3: no rows and values of another kind have no figure`() {
    for metric in Metric.allCases {
      #expect(metric.value(of: .classes(labels: [], predictions: [], positive: nil)) == nil)
      #expect(metric.value(of: .scores([], isPositive: [])) == nil)
    }
    #expect(Metric.rmse.value(of: .classes(labels: [1], predictions: [1], positive: 1)) == nil)
    #expect(Metric.accuracy.value(of: .numbers([1], labels: [1])) == nil)
    #expect(Metric.f1.value(of: .scores([1], isPositive: [true])) == nil)
    #expect(Metric.rocAUC.value(of: .scores([.nan, 1], isPositive: [true, false])) == nil)
  }
}
