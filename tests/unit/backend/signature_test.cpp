#include "backend/signature.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace hearth::app {
namespace {

// Of the specification of Standard Webhooks and of its libraries' tests.
TEST(WebhookSigner, SignsAsTheStandardHasIt) {
  const WebhookSigner signer({"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"});
  EXPECT_EQ(signer.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, R"({"test": 2432232314})"),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST(WebhookSigner, TakesOtherTextAsItIs) {
  // The bytes that the base64 above stands for, and the same without its padding.
  EXPECT_EQ(WebhookSigner({"whsec_YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eQ=="}).sign("a", 1, "b"),
            WebhookSigner({"abcdefghijklmnopqrstuvwxy"}).sign("a", 1, "b"));
  EXPECT_EQ(WebhookSigner({"whsec_YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eQ"}).sign("a", 1, "b"),
            WebhookSigner({"abcdefghijklmnopqrstuvwxy"}).sign("a", 1, "b"));
}

TEST(WebhookSigner, SignsWithEachOfItsSecrets) {
  const std::string one = "one secret of twenty-four bytes";
  const std::string two = "two secrets of twenty-four bytes";
  EXPECT_EQ(WebhookSigner({one, two}).sign("id", 5, "{}"),
            WebhookSigner({one}).sign("id", 5, "{}") + " " + WebhookSigner({two}).sign("id", 5, "{}"));
}

TEST(WebhookSigner, RefusesWhatIsNoBase64) {
  EXPECT_THROW(WebhookSigner({"whsec_no base64 at all, is it?"}), std::invalid_argument);
}

}  // namespace
}  // namespace hearth::app
