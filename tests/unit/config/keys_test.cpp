// Every key of the table, with a value that it does not take.

#include "config/schema.hpp"
#include "unit/config/config_folder.hpp"

#include <gmock/gmock.h>

#include <map>

namespace hearth::config {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

struct BadValue {
  std::string toml;
  std::string said;  ///< after the name of the key
};

// By path; an entry of a list stands below [[…]].
const std::map<std::string, BadValue> kBadValues{
    {"server.listen", {R"(["127.0.0.1"])", "is `127.0.0.1`, without a port"}},
    {"server.path", {R"("ws")", "is `ws`; a path begins with `/`"}},
    {"server.name", {R"("")", "is empty"}},
    {"server.threads", {"257", "is 257; it goes from 0 to 256"}},
    {"server.allowed_origins", {R"(["example.com"])", "is `example.com`, without a scheme"}},
    {"server.trusted_proxies", {R"(["10.0.0.1"])", "is `10.0.0.1`; for this address alone, give `10.0.0.1/32`"}},
    {"server.proxy_protocol", {"1", "is the number 1; give true or false"}},
    {"server.drain_delay", {"5", "is 5 without a unit; give a whole number and ms, s, m, h or d"}},
    {"server.drain_time", {R"("half a minute")", "is `half a minute`, no duration"}},
    {"server.auth_timeout", {R"("0")", "is 0; it goes from 1ms to 366d"}},
    {"server.heartbeat_interval", {"0", "is 0; it goes from 1ms to 366d"}},
    {"server.heartbeat_timeout", {R"("400d")", "is 400d; it goes from 1ms to 366d"}},
    {"server.idle_timeout", {"true", "is true, no duration"}},
    {"server.send_pings", {R"("true")", "is the text `true`; give true or false, without quotation marks"}},
    {"server.deflate", {R"("on")", "is the text `on`; give true or false"}},
    {"server.name_rooms", {"2020-01-01", "is a date or a time; give true or false"}},
    {"server.rooms_like_client_ids", {"{}", "is a table; give true or false"}},
    {"server.tls.certificates.cert", {R"("missing.pem")", "is `missing.pem`, which cannot be read: No such file"}},
    {"server.tls.certificates.key", {R"("/")", "is `/`, a directory; give a file"}},
    {"server.tls.min_version", {R"("1.1")", R"(is `1.1`; give "1.2" or "1.3")"}},
    {"server.tls.client_ca", {"5", "is the number 5; give the name of a file"}},
    {"server.tls.client_auth", {R"("on")", R"(is `on`; give "off", "optional" or "required")"}},
    {"auth.anonymous", {"0", "is the number 0; give true or false"}},
    {"auth.ask_backend", {R"("yes")", "is the text `yes`; give true or false"}},
    {"auth.auto_join", {R"("lobby")", "is a text; give a list of texts"}},
    {"auth.expiry_grace", {R"("6m")", "is 6m; it goes from 0 to 5m"}},
    {"auth.headers", {R"(["Cookie"])", "is `Cookie`; give the name of a request's field in lower case"}},
    {"auth.jwt.secret", {"[]", "is an empty list"}},
    {"auth.jwt.public_key", {"5", "is the number 5; give a text"}},
    {"auth.jwt.jwks_file", {R"("")", "is empty; give the name of a file"}},
    {"auth.jwt.jwks_url", {R"("http://example.com/")", "is `http://example.com/`; keys have to come by https"}},
    {"auth.jwt.algorithms", {R"(["none"])", "has `none` in it"}},
    {"auth.jwt.issuer", {R"("")", "is empty"}},
    {"auth.jwt.audience", {R"([""])", "is empty"}},
    {"auth.jwt.user_claim", {"[]", "is a list; give a text"}},
    {"auth.jwt.hearth_claim", {"1.5", "is the number 1.5; give a text"}},
    {"auth.jwt.require_exp", {"1", "is the number 1; give true or false"}},
    {"auth.jwt.leeway", {R"("-1s")", "is `-1s`, no duration"}},
    {"auth.jwt.jwks_max_stale", {R"("1w")", "is `1w`, no duration"}},
    {"auth.jwt.max_lifetime", {R"("1h30m")", "is `1h30m`, no duration"}},
    {"rooms.pattern", {"5", "is the number 5; give a list of texts"}},
    {"rooms.name", {"[]", "is a list; give a text"}},
    {"rooms.join", {"[]", "is an empty list"}},
    {"rooms.publish", {R"(["users", ""])", "has an empty text in it"}},
    {"rooms.publish_events", {R"("typing")", "is a text; give a list of texts"}},
    {"rooms.slow_consumer", {R"("wait")", R"(is `wait`; give "close", "drop", "gap", "latest" or "catch_up")"}},
    {"rooms.history_size", {"100001", "is 100001; it goes from 0 to 100000"}},
    {"rooms.history_ttl", {R"("500ms")", "is 500ms; it goes from 1s to 30d"}},
    {"rooms.recover", {R"("true")", "is the text `true`; give true or false, without quotation marks"}},
    {"rooms.presence", {R"("on")", R"(is `on`; give "off", "count" or "members")"}},
    {"rooms.presence_limit", {"0", "is 0; it goes from 1 to 1000000"}},
    {"rooms.presence_interval", {R"("5ms")", "is 5ms; it goes from 10ms to 1m"}},
    {"rooms.presence_grace", {R"("2h")", "is 2h; it goes from 0 to 1h"}},
    {"presence.heartbeat", {R"("500ms")", "is 500ms; it goes from 1s to 1m"}},
    {"history.cache", {"64", "is 64 without a unit"}},
    {"history.position_check", {R"("2h")", "is 2h; it goes from 1s to 1h"}},
    {"history.catch_up_at", {R"("0")", "is 0; it goes from 1B to"}},
    {"history.replay_window", {R"("1B")", "is 1B; it goes from 1KiB to"}},
    {"history.stall_timeout", {R"("2h")", "is 2h; it goes from 1s to 1h"}},
    {"rooms.events", {R"("true")", "is the text `true`; give true or false, without quotation marks"}},
    {"backend.url", {R"("example.com")", "is `example.com`, no URL"}},
    {"backend.secret", {R"("short")", "is 5 bytes; it needs at least 24"}},
    {"backend.timeout", {R"("31s")", "is 31s; it goes from 1ms to 30s"}},
    {"backend.in_flight", {"0", "is 0; it goes from 1 to 65536"}},
    {"backend.queue", {"-1", "is -1; it goes from 0 to 1000000"}},
    {"backend.ca", {R"("missing.pem")", "is `missing.pem`, which cannot be read"}},
    {"backend.cert", {R"("missing.pem")", "is `missing.pem`, which cannot be read"}},
    {"backend.key", {R"("missing.pem")", "is `missing.pem`, which cannot be read"}},
    {"backend.messages", {"[1]", "is a list with something else than texts in it"}},
    {"events.to", {R"("kafka")", R"(is `kafka`; give "backend" or "redis")"}},
    {"events.types", {R"(["conected"])", "is `conected`; did you mean connected?"}},
    {"events.stream", {R"("")", "is empty"}},
    {"events.max_length", {"0", "is 0; it has to be 1 or more"}},
    {"events.queue", {R"("64MB")", "is `64MB`, no size; give a whole number and B, KiB, MiB or GiB"}},
    {"events.lost_after", {R"("1s")", "is 1s; it goes from 3s to 10m"}},
    {"api.listen", {R"("127.0.0.1:9080")", "is a text; give a list of texts"}},
    {"api.max_body", {R"("1B")", "is 1B; it goes from 1KiB to 64MiB"}},
    {"api.tls.certificates.cert", {R"("missing.pem")", "is `missing.pem`, which cannot be read"}},
    {"api.tls.certificates.key", {R"("missing.pem")", "is `missing.pem`, which cannot be read"}},
    {"api.tls.min_version", {"1.2", R"(is the number 1.2; give "1.2" or "1.3")"}},
    {"api.tls.client_ca", {R"("missing.pem")", "is `missing.pem`, which cannot be read"}},
    {"api.tls.client_auth", {"false", R"(is false; give "off", "optional" or "required")"}},
    {"api.keys.name", {R"("")", "is empty"}},
    {"api.keys.key", {R"("short")", "is 5 bytes; it needs at least 32"}},
    {"api.keys.allow", {R"(["write"])", "is `write`; there are publish, control and read"}},
    {"api.keys.rooms", {R"("a:*")", "is a text; give a list of texts"}},
    {"broker.url", {R"("http://a")", "is no URL of Redis"}},
    {"broker.unready_after",
     {R"("soon")", R"(is `soon`, no duration; give a whole number and ms, s, m, h or d, such as "30s", or "never")"}},
    {"encryption.mode", {R"("on")", R"(is `on`; give "off", "optional" or "required")"}},
    {"encryption.info", {R"("")", "is empty"}},
    {"encryption.max_messages_per_key", {"0", "is 0; it goes from 1 to 2147483648"}},
    {"limits.connections", {"-1", "is -1; it has to be 0 or more"}},
    {"limits.connections_per_ip", {R"("256")", "is the text `256`; give a whole number, without quotation marks"}},
    {"limits.connects", {R"("2000")", "is `2000`, no rate"}},
    {"limits.connects_per_ip", {"20", "is 20 without a unit; give a whole number and /s, /min or /h"}},
    {"limits.unauthenticated", {"1.5", "is the number 1.5; give a whole number"}},
    {"limits.connections_per_user", {"[]", "is a list; give a whole number"}},
    {"limits.rooms_per_client", {"true", "is true; give a whole number"}},
    {"limits.messages", {R"("50/s burst")", "is `50/s burst`, no rate"}},
    {"limits.bytes", {R"("50/s")", "is `50/s`, no rate; give a size and /s, /min or /h"}},
    {"limits.message_size", {R"("2GiB")", "is 2GiB; it goes from 0 to 1GiB"}},
    {"limits.backlog", {"1048576", "is 1048576 without a unit"}},
    {"limits.encryption_failures", {"1000001", "is 1000001; it goes from 0 to 1000000"}},
    {"limits.dry_run", {R"("no")", "is the text `no`; give true or false"}},
    {"log.level", {R"("warn")", R"(is `warn`; give "trace", "debug", "info", "warning", "error" or "off")"}},
    {"log.format", {R"("xml")", R"(is `xml`; give "text" or "json")"}},
    {"log.payloads", {R"("")", "is the text ``; give true or false"}},
    {"log.file", {"[]", "is a list; give the name of a file"}},
};

void add_keys(const Node& node, const std::string& path, bool in_list,
              std::vector<std::pair<std::string, bool>>& keys) {
  for (const Node& child : node.children) {
    const std::string at = path + (path.empty() ? "" : ".") + child.name;
    if (child.kind == Node::Kind::key) keys.emplace_back(at, in_list);
    add_keys(child, at, child.kind == Node::Kind::list, keys);
  }
}

TEST(ConfigKeys, EachSaysWhatIsWrongAndWhatWouldBeRight) {
  std::vector<std::pair<std::string, bool>> keys;
  add_keys(schema(), {}, false, keys);
  const ConfigFolder folder;
  for (const auto& [path, in_list] : keys) {
    const auto bad = kBadValues.find(path);
    ASSERT_NE(bad, kBadValues.end()) << path << " has no bad value here";
    const std::size_t dot = path.rfind('.');
    const std::string section = path.substr(0, dot);
    const std::string text = (in_list ? "[[" + section + "]]" : '[' + section + ']') + '\n' + path.substr(dot + 1) +
                             " = " + bad->second.toml + '\n';
    const auto problems = folder.problems(text);
    EXPECT_THAT(problems, testing::Contains(testing::AllOf(StartsWith("hearth.toml:2:"),
                                                           HasSubstr(": " + path + ' ' + bad->second.said))))
        << text;
  }
  EXPECT_EQ(keys.size(), kBadValues.size()) << "a bad value here is of no key";
}

}  // namespace
}  // namespace hearth::config
