#pragma once

#include "broker/log_request.hpp"
#include "hearth/redis_options.hpp"
#include "history/append_queue.hpp"

#include <boost/intrusive/list.hpp>

#include <cstdint>

namespace hearth::broker {

class LogLink;

/// What is asked of the logs of one slot of a Cluster, in its order, or of all logs where there is no Cluster. All of
/// it that is under way is with one server; only when all is answered it may go on with another one. In the list of
/// the link that is to send something of it.
struct LogSlot : boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
  using Queue = history::AppendQueue<LogRequestPtr>;

  LogSlot(std::uint16_t its_number, std::uint64_t first_sequence)
      : number(its_number), queue({.bytes = SIZE_MAX}, first_sequence) {}  // RedisLogs sees to it that it ends

  const std::uint16_t number;
  Queue queue;
  LogLink* link = nullptr;  ///< where it is sent; null while nobody is known
  /// The link is to a node that has been given what is asked for, and not the slot yet, and has to be told so each
  /// time.
  bool asks = false;
  bool is_redirected = false;  ///< all that is under way is to be sent again, whatever is answered
  bool is_paused = false;      ///< nothing is sent for a moment
  unsigned redirects = 0;      ///< since the last answer
  RedisEndpoint importer{};    ///< that the slot is being given to
};

/// Those that a link is to send something of.
using LogSlots = boost::intrusive::list<LogSlot, boost::intrusive::constant_time_size<false>>;

}  // namespace hearth::broker
