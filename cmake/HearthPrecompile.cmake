# Reading other people's headers is half of compiling most files, so some of them are compiled ahead. That every file
# names those that it uses nevertheless is a rule of the house (tests/house).
set(HEARTH_PRECOMPILED
  <algorithm> <chrono> <functional> <map> <memory> <optional> <string> <string_view> <system_error> <thread> <vector>
  <boost/asio/any_io_executor.hpp> <boost/asio/awaitable.hpp> <boost/asio/co_spawn.hpp> <boost/asio/io_context.hpp>
  <boost/asio/post.hpp> <boost/asio/steady_timer.hpp> <boost/asio/use_awaitable.hpp>
  <boost/json/parse.hpp> <boost/json/serialize.hpp> <boost/json/value.hpp> <boost/json/value_from.hpp>)
