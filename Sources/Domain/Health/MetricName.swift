/// The names of all metrics, as Prometheus shows them: base units last, counters end in `_total`.
package enum MetricName: String, Sendable, CaseIterable {
  // Identity.
  case buildInfo = "understudy_build_info"
  case modelInfo = "understudy_model_info"
  case modelStopped = "understudy_model_stopped"
  case modelLoaded = "understudy_model_loaded_timestamp_seconds"
  case modelSwaps = "understudy_model_swaps_total"
  case modelSwapDuration = "understudy_model_swap_duration_seconds"
  // Flow.
  case recordsConsumed = "understudy_records_consumed_total"
  case responses = "understudy_responses_total"
  case errors = "understudy_errors_total"
  case markedRows = "understudy_marked_rows_total"
  case stageDuration = "understudy_stage_duration_seconds"
  case batchSize = "understudy_batch_size_records"
  case runRows = "understudy_run_rows"
  case latency = "understudy_end_to_end_latency_seconds"
  case lag = "understudy_consumer_lag_records"
  case lastRecord = "understudy_last_record_timestamp_seconds"
  case outbox = "understudy_outbox_events"
  case boundsReached = "understudy_bounds_reached_total"
  case lanes = "understudy_lanes"
  case laneRebuilds = "understudy_lane_rebuilds_total"
  case ready = "understudy_ready"
  // Quality.
  case qualityMetric = "understudy_quality_set_metric"
  case gatePassed = "understudy_gate_passed"
  // The process, by the names that every client library uses.
  case processCPU = "process_cpu_seconds_total"
  case processResident = "process_resident_memory_bytes"
  case processVirtual = "process_virtual_memory_bytes"
  case processOpenFiles = "process_open_fds"
  case processMaximumFiles = "process_max_fds"
  case processStart = "process_start_time_seconds"
  case processThreads = "process_threads"
}
