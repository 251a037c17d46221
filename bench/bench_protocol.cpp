#include "protocol/client_id.hpp"
#include "protocol/envelope.hpp"
#include "protocol/json.hpp"

#include <benchmark/benchmark.h>
#include <simdjson.h>

#include <string>

namespace {

using hearth::protocol::EnvelopeReader;

/// Messages as clients send them, of 64 and 128 bytes, and one that carries a long text.
const std::string kSmall = R"({"event":"echo","data":{"x":1,"y":-20.5,"text":"hello world"}})";
const std::string kMiddle =
    R"({"event":"chat","data":{"room":"lobby","text":"The quick brown fox jumps over the lazy dog","at":1767323045678},)"
    R"("id":"17"})";
const std::string kUnicode = R"({"event":"chat","data":{"text":"Żółta łódź, zażółć gęślą jaźń","from":"Łukasz"}})";
const std::string kLong = R"({"event":"chat","data":{"text":")" + std::string(4096, 'x') + R"("}})";

std::string many_numbers() {
  std::string text = R"({"event":"points","data":[)";
  for (int i = 0; i < 500; ++i) text += std::to_string(i * 7919) + "." + std::to_string(i) + ",";
  return text + "0]}";
}

void set_rate(benchmark::State& state, const std::string& text) {
  state.SetBytesProcessed(static_cast<std::int64_t>(text.size()) * state.iterations());
  state.counters["bytes"] = static_cast<double>(text.size());
}

void read_envelope(benchmark::State& state, const std::string& text) {
  EnvelopeReader reader;
  for (auto _ : state) {
    benchmark::DoNotOptimize(reader.read(text));
    benchmark::DoNotOptimize(reader.envelope());
  }
  set_rate(state, text);
}

/// The same work by simdjson: what a server built on its DOM would do to find event and data.
void parse_with_simdjson(benchmark::State& state, const std::string& text) {
  simdjson::dom::parser parser;
  const simdjson::padded_string padded(text);
  for (auto _ : state) {
    std::string_view event;
    simdjson::dom::element data;
    const simdjson::dom::element document = parser.parse(padded);
    benchmark::DoNotOptimize(document["event"].get(event));
    benchmark::DoNotOptimize(document["data"].get(data));
  }
  set_rate(state, text);
}

void write_envelope(benchmark::State& state) {
  for (auto _ : state) {
    const hearth::protocol::EnvelopeText text("chat", R"({"text":"hello"})", R"("17")");
    benchmark::DoNotOptimize(text.pieces());
  }
}

void quote(benchmark::State& state) {
  const std::string text = "The quick brown fox jumps over the lazy dog";
  std::string out;
  for (auto _ : state) {
    out.clear();
    hearth::protocol::append_quoted(out, text);
    benchmark::DoNotOptimize(out);
  }
}

void make_client_id(benchmark::State& state) {
  hearth::protocol::ClientIdSource source(0);
  for (auto _ : state) benchmark::DoNotOptimize(source.next());
}

BENCHMARK_CAPTURE(read_envelope, small, kSmall);
BENCHMARK_CAPTURE(parse_with_simdjson, small, kSmall);
BENCHMARK_CAPTURE(read_envelope, middle, kMiddle);
BENCHMARK_CAPTURE(parse_with_simdjson, middle, kMiddle);
BENCHMARK_CAPTURE(read_envelope, unicode, kUnicode);
BENCHMARK_CAPTURE(parse_with_simdjson, unicode, kUnicode);
BENCHMARK_CAPTURE(read_envelope, long_text, kLong);
BENCHMARK_CAPTURE(parse_with_simdjson, long_text, kLong);
BENCHMARK_CAPTURE(read_envelope, numbers, many_numbers());
BENCHMARK_CAPTURE(parse_with_simdjson, numbers, many_numbers());
BENCHMARK(write_envelope);
BENCHMARK(quote);
BENCHMARK(make_client_id);

}  // namespace

BENCHMARK_MAIN();
