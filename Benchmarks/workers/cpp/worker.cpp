// The worker that an expert writes by hand: librdkafka, simdjson and ONNX Runtime, exactly once, one thread, and nothing else.
//
//   worker BOOTSTRAP REQUESTS RESPONSES COUNT MODEL [BATCH]   answers COUNT records of a topic and ends
//   worker BOOTSTRAP REQUESTS RESPONSES COUNT - [BATCH]       the ceiling: sends each request back as it is, unread
//   worker memory FILE COUNT MODEL [BATCH]                    the same work on the lines of a file, without a broker
//
// It answers contexts of the numbers f0 to f29 in Understudy's format. What is not one is answered with an error. Any failure of the broker ends the
// process: its transaction is aborted, and who starts it again goes on from the last one that was committed.
#include <librdkafka/rdkafka.h>
#include <onnxruntime_c_api.h>
#include <simdjson.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr int width = 30;           // numbers of a request
constexpr int default_batch = 1024; // records scored at once
constexpr int linger_ms = 5;        // how long a batch waits for its last record
constexpr int commit_ms = 100;
constexpr const char *worker_name = "c++";

[[noreturn]] void fail(const std::string &text) {
  fprintf(stderr, "worker: %s\n", text.c_str());
  exit(1);
}

const OrtApi *ort = OrtGetApiBase()->GetApi(21);

void check(OrtStatus *status) {
  if (status) fail(ort->GetErrorMessage(status));
}

void check(rd_kafka_error_t *error) {
  if (error) fail(rd_kafka_error_string(error));
}

void check(rd_kafka_resp_err_t code) {
  if (code) fail(rd_kafka_err2str(code));
}

double now_ms() {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Bytes that grow to what a batch needs once and are then used again.
class Bytes {
public:
  // Room for `count` bytes more, which may be written to before `grow` makes them part of it.
  char *room(size_t count) {
    if (size_ + count > capacity_) reallocate(size_ + count);
    return data_.get() + size_;
  }
  void grow(size_t count) { size_ += count; }
  void append(std::string_view text) {
    memcpy(room(text.size()), text.data(), text.size());
    size_ += text.size();
  }
  void clear() { size_ = 0; }
  size_t size() const { return size_; }
  const char *data() const { return data_.get(); }

private:
  void reallocate(size_t least) {
    const size_t capacity = std::max<size_t>(1 << 20, 2 * least);
    std::unique_ptr<char[]> data(new char[capacity]);
    memcpy(data.get(), data_.get(), size_);
    data_ = std::move(data);
    capacity_ = capacity;
  }
  std::unique_ptr<char[]> data_{new char[1]};
  size_t size_ = 0, capacity_ = 1;
};

struct Record {
  size_t begin, length; // in Batch::bytes
  const void *key;
  size_t key_length;
  int32_t partition;
  int64_t offset;
};

struct Answer {
  size_t begin, length; // in Batch::answers
  bool is_error;
};

// Records, and what becomes of them.
struct Batch {
  std::vector<Record> records;
  Bytes bytes; // the records' values, one behind the other: simdjson may read a little behind each
  std::vector<std::string_view> ids;
  std::vector<const char *> problems; // or null
  std::vector<int> rows;              // of `features`
  std::vector<float> features;
  int row_count = 0;
  std::vector<int64_t> labels;
  std::vector<float> probabilities;
  Bytes answers;
  std::vector<Answer> spans;

  explicit Batch(int size) {
    records.reserve(size), ids.resize(size), problems.resize(size), rows.resize(size), spans.reserve(size);
    features.resize(size_t(size) * width), labels.resize(size), probabilities.resize(size_t(size) * 2);
  }

  void clear() {
    records.clear();
    bytes.clear();
  }

  void add(std::string_view value, const void *key, size_t key_length, int32_t partition, int64_t offset) {
    bytes.room(value.size() + simdjson::SIMDJSON_PADDING);
    records.push_back({bytes.size(), value.size(), key, key_length, partition, offset});
    bytes.append(value);
  }
};

// JSON to rows of numbers.
class Decoder {
public:
  Decoder() {
    for (int index = 0; index < width; index++) names_[index] = Name("f" + std::to_string(index) + '"');
  }

  void decode(Batch &batch) {
    batch.row_count = 0;
    batch.bytes.room(simdjson::SIMDJSON_PADDING);
    for (size_t index = 0; index < batch.records.size(); index++) {
      const Record &record = batch.records[index];
      batch.ids[index] = {};
      batch.rows[index] = batch.row_count;
      const simdjson::padded_string_view text(
        batch.bytes.data() + record.begin, record.length, batch.bytes.size() + simdjson::SIMDJSON_PADDING - record.begin);
      batch.problems[index] = decode(text, &batch.features[size_t(batch.row_count) * width], batch.ids[index]);
      if (!batch.problems[index]) batch.row_count++;
    }
  }

private:
  // Returns what is wrong, or null.
  const char *decode(simdjson::padded_string_view text, float *row, std::string_view &id) {
    simdjson::ondemand::document document;
    simdjson::ondemand::object object;
    if (parser_.iterate(text).get(document) || document.get_object().get(object)) return "expected a JSON object";
    uint32_t seen = 0;
    int expected = 0;
    for (auto field : object) {
      simdjson::ondemand::raw_json_string name;
      simdjson::ondemand::value value;
      if (field.key().get(name) || field.value().get(value)) return "is not JSON";
      // Clients write fields in an order of their own, and always in the same.
      const int index = expected < width && names_[expected].is(name.raw()) ? expected : find(name.raw());
      if (index >= 0) {
        double number;
        if (value.get_double().get(number)) return "expected a number in each of f0 to f29";
        row[index] = float(number);
        if (!std::isfinite(row[index])) return "expected a number in each of f0 to f29";
        seen |= 1u << index;
        expected = index + 1;
      } else if (identifier_.is(name.raw())) {
        id = value.raw_json_token();
        while (!id.empty() && id.back() <= ' ') id.remove_suffix(1);
      }
    }
    if (document.current_location().error() != simdjson::OUT_OF_BOUNDS) return "expected a JSON object"; // something stands behind it
    return seen == (1u << width) - 1 ? nullptr : "expected a number in each of f0 to f29";
  }

  // A field's name with its closing quote, four bytes at most; what it is compared with may be read into the padding.
  struct Name {
    uint32_t word = 0, mask = 0;
    Name() = default;
    explicit Name(std::string_view text) {
      memcpy(&word, text.data(), text.size());
      memset(&mask, 0xff, text.size());
    }
    bool is(const char *name) const {
      uint32_t found;
      memcpy(&found, name, sizeof found);
      return (found & mask) == word;
    }
  };

  int find(const char *name) const {
    for (int index = 0; index < width; index++)
      if (names_[index].is(name)) return index;
    return -1;
  }

  simdjson::ondemand::parser parser_;
  Name names_[width], identifier_{"id\""};
};

// Rows of numbers to labels and probabilities, in memory of the batch.
class Model {
public:
  explicit Model(const char *path) {
    OrtEnv *environment;
    OrtSessionOptions *options;
    check(ort->CreateEnv(ORT_LOGGING_LEVEL_ERROR, "worker", &environment));
    check(ort->CreateSessionOptions(&options));
    check(ort->SetIntraOpNumThreads(options, 1));
    check(ort->SetInterOpNumThreads(options, 1));
    check(ort->SetSessionGraphOptimizationLevel(options, ORT_ENABLE_ALL));
    check(ort->CreateSession(environment, path, options, &session_));
    check(ort->CreateCpuMemoryInfo(OrtArenaAllocator, OrtMemTypeDefault, &memory_));
  }

  void run(Batch &batch) {
    if (batch.row_count == 0) return;
    const int64_t rows = batch.row_count;
    OrtValue *input = tensor(batch.features, {rows, width}, 2, ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT);
    OrtValue *outputs[] = {
      tensor(batch.labels, {rows}, 1, ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64),
      tensor(batch.probabilities, {rows, 2}, 2, ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT)};
    const char *input_names[] = {"X"}, *output_names[] = {"label", "probabilities"};
    check(ort->Run(session_, nullptr, input_names, &input, 1, output_names, 2, outputs));
    ort->ReleaseValue(input);
    ort->ReleaseValue(outputs[0]);
    ort->ReleaseValue(outputs[1]);
  }

private:
  template <class Element>
  OrtValue *tensor(std::vector<Element> &values, std::initializer_list<int64_t> shape, size_t rank, ONNXTensorElementDataType type) {
    int64_t count = 1;
    for (int64_t extent : shape) count *= extent;
    OrtValue *value = nullptr;
    check(ort->CreateTensorWithDataAsOrtValue(memory_, values.data(), count * sizeof(Element), shape.begin(), rank, type, &value));
    return value;
  }

  OrtSession *session_;
  OrtMemoryInfo *memory_;
};

// Labels and probabilities to JSON.
class Encoder {
public:
  explicit Encoder(std::string topic) : topic_(std::move(topic)) {
    const std::string origin = std::string(",\"model\":\"benchmark\",\"version\":\"1\",\"worker\":\"") + worker_name + "\",\"generation\":1,";
    good_ = ",\"status\":\"ok\"" + origin + "\"outputs\":{\"label\":";
    bad_ = ",\"status\":\"error\"" + origin + "\"error\":{\"code\":\"INVALID_ARGUMENT\",\"reason\":\"schema_mismatch\",\"message\":\"";
  }

  void encode(Batch &batch) {
    batch.answers.clear();
    batch.spans.clear();
    for (size_t index = 0; index < batch.records.size(); index++) {
      const size_t begin = batch.answers.size();
      const char *problem = batch.problems[index];
      appendIdentifier(batch, index);
      if (problem) {
        batch.answers.append(bad_);
        batch.answers.append(problem);
        batch.answers.append("\",\"retryable\":false}}");
      } else {
        appendOutputs(batch, batch.rows[index]);
      }
      batch.spans.push_back({begin, batch.answers.size() - begin, problem != nullptr});
    }
  }

private:
  void appendIdentifier(Batch &batch, size_t index) {
    batch.answers.append("{\"id\":");
    if (!batch.ids[index].empty()) return batch.answers.append(batch.ids[index]);
    const Record &record = batch.records[index];
    batch.answers.append("\"" + topic_ + "-" + std::to_string(record.partition) + "-" + std::to_string(record.offset) + "\"");
  }

  void appendOutputs(Batch &batch, int row) {
    constexpr size_t most = 128; // three numbers and what stands between them
    char *start = batch.answers.room(good_.size() + most), *at = start;
    memcpy(at, good_.data(), good_.size());
    at = std::to_chars(at + good_.size(), start + good_.size() + most, batch.labels[row]).ptr;
    at = put(at, ",\"probabilities\":[");
    at = std::to_chars(at, at + 32, batch.probabilities[size_t(row) * 2]).ptr;
    *at++ = ',';
    at = std::to_chars(at, at + 32, batch.probabilities[size_t(row) * 2 + 1]).ptr;
    at = put(at, "]}}");
    batch.answers.grow(at - start);
  }

  static char *put(char *at, std::string_view text) {
    memcpy(at, text.data(), text.size());
    return at + text.size();
  }

  std::string topic_, good_, bad_;
};

void answer(Batch &batch, Decoder &decoder, Model &model, Encoder &encoder) {
  decoder.decode(batch);
  model.run(batch);
  encoder.encode(batch);
}

using Properties = std::initializer_list<std::pair<const char *, std::string>>;

rd_kafka_conf_t *configuration(Properties properties) {
  rd_kafka_conf_t *conf = rd_kafka_conf_new();
  char error[512];
  for (const auto &[key, value] : properties)
    if (rd_kafka_conf_set(conf, key, value.c_str(), error, sizeof error)) fail(error);
  return conf;
}

// A transactional producer; without a delivery callback a flush would wait in steps of 10 ms.
void delivered(rd_kafka_t *, const rd_kafka_message_t *message, void *) {
  if (message->err) fail(std::string("a response was not delivered: ") + rd_kafka_err2str(message->err));
}

class Worker {
public:
  Worker(const char *bootstrap, const char *requests, const char *responses, int batch_size)
    : batch_(batch_size), messages_(batch_size) {
    const std::string name = "benchmark-c++-" + std::to_string(getpid()) + "-" + std::to_string(time(nullptr));
    start_producer(bootstrap, name, responses);
    start_consumer(bootstrap, name, requests);
  }

  template <class Make> void run(long count, Make make) {
    for (long done = 0; done < count;) {
      gather();
      if (!batch_.records.empty()) {
        make(batch_);
        if (!is_open_) check(rd_kafka_begin_transaction(producer_));
        is_open_ = true;
        for (size_t index = 0; index < batch_.records.size(); index++) produce(index);
        rd_kafka_poll(producer_, 0);
        done += batch_.records.size();
      }
      for (rd_kafka_message_t *message : held_) rd_kafka_message_destroy(message);
      if (is_open_ && (now_ms() - committed_ms_ >= commit_ms || done >= count || batch_.records.empty())) commit();
    }
    rd_kafka_consumer_close(consumer_);
  }

private:
  void start_producer(const char *bootstrap, const std::string &name, const char *responses) {
    rd_kafka_conf_t *conf = configuration({
      {"bootstrap.servers", bootstrap}, {"transactional.id", name}, {"linger.ms", "5"}, {"retry.backoff.ms", "20"},
      {"queue.buffering.max.messages", "1000000"}, {"queue.buffering.max.kbytes", "262144"},
      {"batch.num.messages", "10000"}, {"batch.size", "1000000"}, {"socket.nagle.disable", "true"}});
    rd_kafka_conf_set_dr_msg_cb(conf, delivered);
    char error[512];
    producer_ = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof error);
    if (!producer_) fail(error);
    check(rd_kafka_init_transactions(producer_, 30000));
    responses_ = rd_kafka_topic_new(producer_, responses, nullptr);
    const rd_kafka_metadata_t *metadata;
    check(rd_kafka_metadata(producer_, 0, responses_, &metadata, 10000));
    partition_count_ = metadata->topics[0].partition_cnt;
    rd_kafka_metadata_destroy(metadata);
    if (partition_count_ == 0) fail(std::string("there is no topic ") + responses);
  }

  void start_consumer(const char *bootstrap, const std::string &name, const char *requests) {
    rd_kafka_conf_t *conf = configuration({
      {"bootstrap.servers", bootstrap}, {"group.id", name}, {"auto.offset.reset", "earliest"}, {"enable.auto.commit", "false"},
      {"enable.auto.offset.store", "false"}, {"isolation.level", "read_committed"}, {"partition.assignment.strategy", "range"},
      {"queued.min.messages", "200000"}, {"queued.max.messages.kbytes", "262144"}, {"fetch.message.max.bytes", "4194304"},
      {"fetch.wait.max.ms", "100"}, {"socket.nagle.disable", "true"}});
    rd_kafka_conf_set_opaque(conf, this);
    rd_kafka_conf_set_rebalance_cb(conf, rebalanced);
    char error[512];
    consumer_ = rd_kafka_new(RD_KAFKA_CONSUMER, conf, error, sizeof error);
    if (!consumer_) fail(error);
    rd_kafka_poll_set_consumer(consumer_);
    queue_ = rd_kafka_queue_get_consumer(consumer_);
    requests_ = requests;
    rd_kafka_topic_partition_list_t *topics = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(topics, requests, RD_KAFKA_PARTITION_UA);
    check(rd_kafka_subscribe(consumer_, topics));
    rd_kafka_topic_partition_list_destroy(topics);
  }

  // Partitions change hands between transactions.
  static void rebalanced(rd_kafka_t *consumer, rd_kafka_resp_err_t code, rd_kafka_topic_partition_list_t *partitions, void *opaque) {
    Worker &worker = *static_cast<Worker *>(opaque);
    if (code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
      check(rd_kafka_assign(consumer, partitions));
      return;
    }
    if (worker.is_open_) worker.commit();
    worker.next_.clear();
    check(rd_kafka_assign(consumer, nullptr));
  }

  // Gets the next records, and copies them to where they are read.
  void gather() {
    batch_.clear();
    held_.clear();
    const ssize_t count = rd_kafka_consume_batch_queue(queue_, linger_ms, messages_.data(), messages_.size());
    for (ssize_t index = 0; index < count; index++) {
      rd_kafka_message_t *message = messages_[index];
      held_.push_back(message);
      if (message->err) {
        if (message->err == RD_KAFKA_RESP_ERR__FATAL) fail(rd_kafka_message_errstr(message));
        continue;
      }
      batch_.add({static_cast<const char *>(message->payload), message->len}, message->key, message->key_len, message->partition, message->offset);
      if (size_t(message->partition) >= next_.size()) next_.resize(message->partition + 1, -1);
      next_[message->partition] = message->offset + 1;
    }
  }

  void produce(size_t index) {
    const Record &record = batch_.records[index];
    const Answer &span = batch_.spans[index];
    const char *status = span.is_error ? "error" : "ok";
    for (;;) {
      const rd_kafka_resp_err_t code = rd_kafka_producev(
        producer_, RD_KAFKA_V_RKT(responses_), RD_KAFKA_V_PARTITION(record.partition % partition_count_),
        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY(record.key, record.key_length),
        RD_KAFKA_V_VALUE(const_cast<char *>(batch_.answers.data() + span.begin), span.length),
        RD_KAFKA_V_HEADER("x-status", status, span.is_error ? 5 : 2), RD_KAFKA_V_END);
      if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return;
      if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL) check(code);
      rd_kafka_poll(producer_, 5);
    }
  }

  void commit() {
    rd_kafka_topic_partition_list_t *offsets = rd_kafka_topic_partition_list_new(next_.size());
    for (size_t partition = 0; partition < next_.size(); partition++)
      if (next_[partition] >= 0) rd_kafka_topic_partition_list_add(offsets, requests_.c_str(), partition)->offset = next_[partition];
    rd_kafka_consumer_group_metadata_t *group = rd_kafka_consumer_group_metadata(consumer_);
    check(rd_kafka_send_offsets_to_transaction(producer_, offsets, group, 30000));
    check(rd_kafka_commit_transaction(producer_, 30000));
    rd_kafka_consumer_group_metadata_destroy(group);
    rd_kafka_topic_partition_list_destroy(offsets);
    is_open_ = false;
    committed_ms_ = now_ms();
  }

  Batch batch_;
  std::vector<rd_kafka_message_t *> messages_, held_;
  std::vector<int64_t> next_; // by partition, the offset behind the last record answered; -1 for none
  std::string requests_;
  rd_kafka_t *producer_, *consumer_;
  rd_kafka_topic_t *responses_;
  rd_kafka_queue_t *queue_;
  int32_t partition_count_ = 0;
  bool is_open_ = false;
  double committed_ms_ = 0;
};

// The answer of the ceiling is the request.
void echo(Batch &batch) {
  batch.spans.clear();
  for (const Record &record : batch.records) batch.spans.push_back({record.begin, record.length, false});
  std::swap(batch.answers, batch.bytes);
}

// Goes round a few batches of a file's lines, until COUNT records are answered.
int run_in_memory(const char *path, long count, const char *model_path, int batch_size) {
  std::ifstream file(path);
  std::vector<Batch> batches;
  for (std::string line; batches.size() <= 8 && std::getline(file, line);) {
    if (batches.empty() || batches.back().records.size() == size_t(batch_size)) {
      if (batches.size() == 8) break;
      batches.emplace_back(batch_size);
    }
    batches.back().add(line, nullptr, 0, 0, 0);
  }
  if (batches.empty()) fail(std::string("no lines in ") + path);
  Decoder decoder;
  Model model(model_path);
  Encoder encoder("requests");
  for (Batch &batch : batches) answer(batch, decoder, model, encoder); // warms up what is made once
  long done = 0;
  size_t bytes = 0;
  const double started = now_ms();
  for (size_t index = 0; done < count; index = (index + 1) % batches.size()) {
    answer(batches[index], decoder, model, encoder);
    done += batches[index].records.size();
    bytes += batches[index].answers.size();
  }
  const double seconds = (now_ms() - started) / 1000;
  printf("%ld records, %zu bytes of answers, %.0f records/s\n", done, bytes, done / seconds);
  const Answer &last = batches[0].spans[0];
  printf("%.*s\n", int(last.length), batches[0].answers.data() + last.begin);
  return 0;
}

} // namespace

int main(int argc, char **argv) {
  const bool in_memory = argc > 1 && strcmp(argv[1], "memory") == 0;
  const int needed = in_memory ? 5 : 6;
  if (argc < needed || argc > needed + 1) {
    fputs("usage: worker BOOTSTRAP REQUESTS RESPONSES COUNT MODEL|- [BATCH]\n       worker memory FILE COUNT MODEL [BATCH]\n", stderr);
    return 2;
  }
  const int batch_size = argc > needed ? atoi(argv[needed]) : default_batch;
  if (batch_size < 1) fail("a batch has at least one record");
  if (in_memory) return run_in_memory(argv[2], atol(argv[3]), argv[4], batch_size);

  Worker worker(argv[1], argv[2], argv[3], batch_size);
  if (strcmp(argv[5], "-") == 0) {
    worker.run(atol(argv[4]), echo);
    return 0;
  }
  Decoder decoder;
  Model model(argv[5]);
  Encoder encoder(argv[2]);
  worker.run(atol(argv[4]), [&](Batch &batch) { answer(batch, decoder, model, encoder); });
  return 0;
}
