#include "websocket/deflate.hpp"

#include <gtest/gtest.h>

namespace hearth::websocket {
namespace {

constexpr DeflateOptions kNoPreference = {
    .enabled = true, .server_no_context_takeover = false, .client_no_context_takeover = false};

/// The server's answer to some offers, or "declined".
std::string answer(std::string_view offers, const DeflateOptions& preferences = kNoPreference) {
  const std::optional<DeflateAgreement> agreement = agree_on_deflate(offers, preferences);
  return agreement ? extension_header(*agreement) : "declined";
}

TEST(DeflateAgreement, IsNotMadeUnlessEnabled) { EXPECT_EQ(answer("permessage-deflate", {}), "declined"); }

TEST(DeflateAgreement, NeedsAnOffer) {
  EXPECT_EQ(answer(""), "declined");
  EXPECT_EQ(answer("x-webkit-deflate-frame, foo"), "declined");
  EXPECT_EQ(answer("permessage-deflate; =3"), "declined");
}

TEST(DeflateAgreement, KeepsContextsAndFullWindowsWhenNobodyMinds) {
  EXPECT_EQ(answer("permessage-deflate"), "permessage-deflate");
  EXPECT_EQ(answer("permessage-deflate; client_max_window_bits"), "permessage-deflate");
  const auto agreement = agree_on_deflate("permessage-deflate", kNoPreference);
  ASSERT_TRUE(agreement);
  EXPECT_FALSE(agreement->server_no_context_takeover);
  EXPECT_FALSE(agreement->client_no_context_takeover);
  EXPECT_EQ(agreement->server_max_window_bits, 15);
  EXPECT_EQ(agreement->client_max_window_bits, 15);
}

TEST(DeflateAgreement, DropsContextsWhenTheClientAsks) {
  EXPECT_EQ(answer("permessage-deflate; server_no_context_takeover"), "permessage-deflate; server_no_context_takeover");
  EXPECT_EQ(answer("permessage-deflate; client_no_context_takeover"), "permessage-deflate; client_no_context_takeover");
}

TEST(DeflateAgreement, DropsContextsWhenTheServerPrefersTo) {
  EXPECT_EQ(answer("permessage-deflate", {.enabled = true}),
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover");
}

TEST(DeflateAgreement, TakesTheSmallerWindowForTheServer) {
  const DeflateOptions prefers_12 = {.enabled = true,
                                     .server_no_context_takeover = false,
                                     .client_no_context_takeover = false,
                                     .server_max_window_bits = 12};
  EXPECT_EQ(answer("permessage-deflate", prefers_12), "permessage-deflate; server_max_window_bits=12");
  EXPECT_EQ(answer("permessage-deflate; server_max_window_bits=10", prefers_12),
            "permessage-deflate; server_max_window_bits=10");
  EXPECT_EQ(answer("permessage-deflate; server_max_window_bits=14", prefers_12),
            "permessage-deflate; server_max_window_bits=12");
}

TEST(DeflateAgreement, NamesTheServerWindowWhenTheOfferDoes) {
  EXPECT_EQ(answer("permessage-deflate; server_max_window_bits=15"), "permessage-deflate; server_max_window_bits=15");
}

TEST(DeflateAgreement, LimitsTheClientsWindowOnlyIfTheClientCan) {
  const DeflateOptions prefers_10 = {.enabled = true,
                                     .server_no_context_takeover = false,
                                     .client_no_context_takeover = false,
                                     .client_max_window_bits = 10};
  EXPECT_EQ(answer("permessage-deflate", prefers_10), "permessage-deflate");
  EXPECT_EQ(answer("permessage-deflate; client_max_window_bits", prefers_10),
            "permessage-deflate; client_max_window_bits=10");
  EXPECT_EQ(answer("permessage-deflate; client_max_window_bits=9", prefers_10),
            "permessage-deflate; client_max_window_bits=9");
  EXPECT_EQ(answer("permessage-deflate; client_max_window_bits=12", prefers_10),
            "permessage-deflate; client_max_window_bits=10");
  EXPECT_EQ(answer("permessage-deflate; client_max_window_bits=8"), "permessage-deflate; client_max_window_bits=8");
}

TEST(DeflateAgreement, ReadsQuotedValues) {
  EXPECT_EQ(answer("permessage-deflate; server_max_window_bits=\"11\""),
            "permessage-deflate; server_max_window_bits=11");
}

TEST(DeflateAgreement, TakesAllFourParametersTogether) {
  EXPECT_EQ(answer("permessage-deflate; client_max_window_bits=10; server_no_context_takeover; "
                   "server_max_window_bits=9; client_no_context_takeover"),
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=9; "
            "client_max_window_bits=10");
}

TEST(DeflateAgreement, DeclinesOffersWithBadParameters) {
  for (const std::string_view parameter :
       {"unknown", "unknown=1", "server_no_context_takeover=1", "client_no_context_takeover=true",
        "server_max_window_bits", "server_max_window_bits=8", "server_max_window_bits=7", "server_max_window_bits=16",
        "server_max_window_bits=09", "server_max_window_bits=1", "server_max_window_bits=150",
        "server_max_window_bits=a", "client_max_window_bits=7", "client_max_window_bits=16",
        "client_max_window_bits=010", "server_no_context_takeover; server_no_context_takeover",
        "client_no_context_takeover; client_no_context_takeover", "client_max_window_bits; client_max_window_bits=9",
        "server_max_window_bits=10; server_max_window_bits=10"}) {
    EXPECT_EQ(answer("permessage-deflate; " + std::string(parameter)), "declined") << parameter;
  }
}

TEST(DeflateAgreement, TakesTheFirstOfferThatCanBeMet) {
  EXPECT_EQ(answer("permessage-deflate; server_max_window_bits=8, permessage-deflate; unknown, foo, "
                   "permessage-deflate; server_max_window_bits=10, permessage-deflate"),
            "permessage-deflate; server_max_window_bits=10");
}

}  // namespace
}  // namespace hearth::websocket
