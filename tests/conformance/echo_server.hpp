#pragma once

#include <string>

namespace hearth::conformance {

/// The address of the echo server, which is started when it is first asked for and stopped at the end of the run.
/// `deflate`: another one, which agrees to permessage-deflate.
const std::string& echo_server(bool deflate);

}  // namespace hearth::conformance
