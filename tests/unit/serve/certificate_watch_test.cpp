#include "serve/certificate_watch.hpp"

#include "support/patience.hpp"
#include "unit/config/config_folder.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>

namespace hearth::app {
namespace {

using namespace std::chrono_literals;
using config::ConfigFolder;

config::Config config_of(const ConfigFolder& folder) {
  config::Config config;
  config.server.tls.certificates.push_back({folder.write("one.crt", "a"), folder.write("one.key", "b")});
  return config;
}

TEST(CertificateWatching, LooksByItself) {
  const ConfigFolder folder;
  CertificateWatch watch(config_of(folder), 5ms);
  folder.write("one.key", "another");  // after it was made, before it has begun
  std::atomic<int> loads = 0;
  watch.start([&] { return ++loads > 0; });
  test::eventually("the first change to be seen", [&] { return loads >= 1; });
  const int before = loads;
  folder.write("one.crt", "renewed");
  test::eventually("the second change to be seen", [&] { return loads > before; });
}

TEST(CertificateWatching, LooksAtThoseOfTheApiToo) {
  const ConfigFolder folder;
  config::Config config;
  config.api.tls.certificates.push_back({folder.write("api.crt", "a"), folder.write("api.key", "b")});
  CertificateWatch watch(config, 5ms);
  EXPECT_TRUE(watch.has_files());
  std::atomic<int> loads = 0;
  watch.start([&] { return ++loads > 0; });
  folder.write("api.key", "renewed");
  test::eventually("the change to be seen", [&] { return loads >= 1; });
}

TEST(CertificateWatching, TriesAgainUntilItSucceeds) {
  const ConfigFolder folder;
  CertificateWatch watch(config_of(folder), 5ms);
  std::atomic<int> loads = 0;
  watch.start([&] { return ++loads >= 3; });
  folder.write("one.crt", "half written");
  test::eventually("three attempts", [&] { return loads >= 3; });
}

TEST(CertificateWatching, LooksWhenItIsAsked) {
  const ConfigFolder folder;
  CertificateWatch watch(config_of(folder), 1h);
  std::atomic<int> loads = 0;
  watch.start([&] { return ++loads > 0; });
  folder.write("one.crt", "renewed");
  test::eventually("the change to be seen", [&] {
    watch.look();
    return loads >= 1;
  });
}

TEST(CertificateWatching, HasNothingToDoWithoutCertificates) {
  CertificateWatch watch(config::Config{}, 1ms);
  EXPECT_FALSE(watch.has_files());
  watch.start([]() -> bool { return ADD_FAILURE(), false; });
}

}  // namespace
}  // namespace hearth::app
