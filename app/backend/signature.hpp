#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::app {

/// Signs requests as Standard Webhooks has it. Never changes; any thread.
class WebhookSigner {
 public:
  /// `whsec_` and base64, or any text, which is taken as it is. Throws std::invalid_argument for what is no base64.
  explicit WebhookSigner(const std::vector<std::string>& secrets);

  /// The field `webhook-signature`: an entry for each secret.
  std::string sign(std::string_view id, std::int64_t timestamp, std::string_view body) const;

 private:
  std::vector<std::string> keys_{};
};

}  // namespace hearth::app
