// Reads any bytes as a client's message, and as JSON, and compares with what simdjson and Boost.JSON make of them.

#include "protocol/broker_envelope.hpp"
#include "protocol/envelope.hpp"
#include "protocol/json.hpp"
#include "protocol/utf8.hpp"
#include "unit/protocol/json_oracle.hpp"

#include <simdjson.h>
#include <boost/json/parse.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace hearth::protocol;
using Result = EnvelopeReader::Result;
using hearth::test::JsonOracle;

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "not so: %s\n", what);
  std::abort();
}

bool boost_takes(std::string_view text) {
  boost::json::parse_options options;
  options.max_depth = kMaxJsonDepth;
  boost::json::error_code error;
  boost::json::parse(boost::json::string_view(text.data(), text.size()), error, {}, options);
  return !error;
}

void check_string(std::string_view token) {
  std::string scratch;
  const std::string text(unescape(token, scratch));
  require(simdjson::validate_utf8(text), "an unescaped string is valid UTF-8");
  require(equals(token, text), "a string equals what it means");
  require(!equals(token, text + "x"), "a string does not equal a longer one");
  std::string quoted;
  append_quoted(quoted, text);
  require(unescape(quoted, scratch) == text, "a string survives being quoted");
}

/// Puts a valid value together again from what the cursors give.
void append_walked(std::string& out, std::string_view value) {
  if (is_object(value)) {
    out += '{';
    for (ObjectCursor at(value); at.next();) {
      if (out.back() != '{') out += ',';
      check_string(at.key());
      out += at.key();
      out += ':';
      append_walked(out, at.value());
    }
    out += '}';
  } else if (is_array(value)) {
    out += '[';
    for (ArrayCursor at(value); at.next();) {
      if (out.back() != '[') out += ',';
      append_walked(out, at.value());
    }
    out += ']';
  } else {
    if (is_string(value)) check_string(value);
    out += value;
  }
}

void check_cursors(std::string_view json) {
  const std::size_t first = json.find_first_not_of(" \t\r\n");
  const std::size_t last = json.find_last_not_of(" \t\r\n");
  std::string walked;
  append_walked(walked, json.substr(first, last + 1 - first));
  std::string expected(json.size() + simdjson::SIMDJSON_PADDING, '\0');
  std::size_t size = 0;
  require(simdjson::minify(json.data(), json.size(), expected.data(), size) == simdjson::SUCCESS, "minify takes JSON");
  expected.resize(size);
  require(walked == expected, "cursors give the whole document");
}

/// The value of the last member of that name.
simdjson::dom::element last_member(simdjson::dom::object object, std::string_view key) {
  simdjson::dom::element last;
  for (const simdjson::dom::key_value_pair member : object) {
    if (member.key == key) last = member.value;
  }
  return last;
}

bool has_member(simdjson::dom::object object, std::string_view key) {
  return object.at_key(key).error() == simdjson::SUCCESS;
}

void check_envelope(const Envelope& envelope, simdjson::dom::object object, bool same_strings) {
  std::string_view event;
  require(last_member(object, "event").get(event) == simdjson::SUCCESS, "event is a string");
  require(!same_strings || envelope.event == event, "event is what simdjson finds");
  require(envelope.data.empty() != has_member(object, "data"), "data is there if simdjson finds it");
  if (!envelope.data.empty()) {
    const JsonOracle data(envelope.data);
    require(data.is_json(), "data is JSON");
    require(data.minified() == simdjson::minify(last_member(object, "data")), "data is what simdjson finds");
  }
  const bool string_id = has_member(object, "id") && last_member(object, "id").is_string();
  require(envelope.id_json.empty() != string_id, "id is there if simdjson finds it");
  if (string_id) {
    const std::string_view id = last_member(object, "id");
    require(!same_strings || envelope.id == id, "id is what simdjson finds");
    require(equals(envelope.id_json, envelope.id), "id is what its token means");
  }

  EnvelopeReader reader;
  const std::string written = EnvelopeText(envelope.event, envelope.data, envelope.id_json).str();
  require(reader.read(written) == Result::envelope, "a written envelope is read");
  require(reader.envelope().event == envelope.event, "event survives");
  require(reader.envelope().data == envelope.data, "data survives");
  require(reader.envelope().id_json == envelope.id_json, "id survives");
}

void check_quoting(std::string_view bytes) {
  std::string quoted;
  append_quoted(quoted, bytes);
  require(JsonOracle(quoted).is_json(), "what is quoted is JSON");
  std::string scratch;
  const std::string_view text = unescape(quoted, scratch);
  require(!simdjson::validate_utf8(bytes) || text == bytes, "valid UTF-8 survives being quoted");
}

void check_between_instances(std::string_view text) {
  BrokerEnvelopeReader reader;
  if (reader.read(text) == BrokerEnvelopeReader::Result::envelope) {
    std::string written;
    append_broker_envelope(written, reader.envelope());
    BrokerEnvelopeReader again;
    require(again.read(written) == BrokerEnvelopeReader::Result::envelope, "a written broker envelope is read");
    require(again.envelope().target == reader.envelope().target, "target survives");
    require(again.envelope().event == reader.envelope().event, "event survives");
    require(again.envelope().data == reader.envelope().data, "data survives");
  }
  ControlEnvelopeReader control;
  if (control.read(text)) require(!control.envelope().op.empty(), "what instances say has an op");
  if (!is_valid_utf8(text) || !is_valid_json(text)) return;
  const std::string said = control_envelope("an instance", text);
  require(said.empty() || control.read(said), "what is said is heard");
  require(said.empty() || control.envelope().server_id == "an instance", "nobody else has said it");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const JsonOracle oracle(text);
  const bool json = oracle.is_json() && oracle.depth() <= kMaxJsonDepth;

  EnvelopeReader reader;
  const Result result = reader.read(text);
  require((result != Result::not_json) == json, "what simdjson takes is JSON, and nothing else");
  require(json || !boost_takes(text), "what Boost.JSON takes is JSON");
  require(is_valid_json(text) == json || !simdjson::validate_utf8(text), "both ways of reading agree");

  if (json) check_cursors(text);
  simdjson::dom::object object;
  const bool is_envelope = json && oracle.root().get(object) == simdjson::SUCCESS && has_member(object, "event") &&
                           last_member(object, "event").is_string() &&
                           !std::string_view(last_member(object, "event")).empty();
  require((result == Result::envelope) == is_envelope, "what simdjson finds to be an envelope is one");
  if (is_envelope) check_envelope(reader.envelope(), object, !oracle.has_surrogates());

  for (ObjectCursor at(text); at.next();) require(at.key().size() <= size, "keys lie within the text");
  for (ArrayCursor at(text); at.next();) require(at.value().size() <= size, "values lie within the text");
  check_quoting(text);
  check_between_instances(text);
  return 0;
}
