#pragma once

#include "hearth/history.hpp"

#include <boost/intrusive/list.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace hearth::history {

class Audience;
class AudienceHost;
struct Moment;

/// Which audiences of a shard read from the log, for members that are behind: so many at a time, first come, first
/// served. For one thread. Outlives them.
class PageReads {
 public:
  static constexpr std::size_t kMost = 8;  ///< under way

  /// A read of an audience's room.
  struct Read {
    std::uint64_t after = 0;
    std::size_t count = 0;
    std::uint32_t resets = 0;  ///< how many the audience had seen when it asked
  };

  /// A read to be asked for: of whose room, and under what number the answer is to come back.
  struct Asked {
    AudienceHost* host;
    Read read;
    std::uint64_t number;
  };

  /// An audience in the queue.
  class Waiting : public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
   public:
    explicit Waiting(Audience& its_audience) noexcept : audience(its_audience) {}
    Audience& audience;
  };

  /// Once more is not twice.
  void want(Waiting& waiting);
  /// Takes what can be asked for now; to be called until there is nothing.
  std::optional<Asked> next();
  /// The answer to one.
  void page(std::uint64_t number, const Result<LogPage>& result, const Moment& now);
  /// The audience goes.
  void forget(const Audience& audience) noexcept;

  std::size_t under_way() const noexcept { return under_way_.size(); }

 private:
  struct UnderWay {
    std::uint64_t number;
    Audience* audience;  // null if it has gone
    Read read;
  };

  boost::intrusive::list<Waiting, boost::intrusive::constant_time_size<false>> queue_;
  std::vector<UnderWay> under_way_;
  std::uint64_t last_number_ = 0;
};

}  // namespace hearth::history
