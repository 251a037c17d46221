#include "api/trouble.hpp"

#include <gtest/gtest.h>

namespace hearth::app {
namespace {

constexpr double kNow = 1'800'000'000;
const std::chrono::system_clock::time_point kTime{std::chrono::seconds(1'800'000'000)};
constexpr double kDay = 86'400;

TEST(Troubles, AreNoneWithoutSources) { EXPECT_EQ(troubles_of({}, kTime), Troubles()); }

TEST(Troubles, NameTheCertificateThatEndsFirst) {
  ApiSources sources;
  std::vector<CertificateEnd> ends{{"late.pem", kNow + 300 * kDay}, {"soon.pem", kNow + 14 * kDay}};
  sources.certificates = [&ends] { return ends; };
  EXPECT_EQ(troubles_of(sources, kTime)[0], "") << "two weeks are enough";
  ends[1].at -= 1;
  EXPECT_EQ(troubles_of(sources, kTime)[0], "the certificate soon.pem ends at 2027-01-29T07:59:59Z");
  ends[1].at = kNow;
  EXPECT_EQ(troubles_of(sources, kTime)[0], "the certificate soon.pem has ended at 2027-01-15T08:00:00Z");
}

TEST(Troubles, NameTheIssuerWhoseKeysDoNotCome) {
  ApiSources sources;
  KeySetStatistics::Set set{"issuer", 2, kNow, true, false};
  sources.key_sets = [&set] { return KeySetStatistics{{set}, 1, 1}; };
  EXPECT_EQ(troubles_of(sources, kTime)[1], "");
  set.is_failing = true;
  EXPECT_EQ(troubles_of(sources, kTime)[1],
            "the keys of issuer cannot be fetched; since 2027-01-15T08:00:00Z no set has come");
  set.is_known = false;
  EXPECT_EQ(troubles_of(sources, kTime)[1], "the keys of issuer cannot be fetched; no set has come");
}

TEST(Troubles, SayWhatTheBackendDoesNotTake) {
  ApiSources sources;
  EventStatistics events;
  events.is_failing = true;
  events.last_error = "status 500";
  sources.events = [&events] { return events; };
  BackendStatistics backend;
  sources.backend = [&backend] { return backend; };
  EXPECT_EQ(troubles_of(sources, kTime)[2], "events are not taken, and wait: status 500");
  EXPECT_EQ(troubles_of(sources, kTime)[3], "");
  backend.circuit_open = true;
  EXPECT_NE(troubles_of(sources, kTime)[3], "");
}

}  // namespace
}  // namespace hearth::app
