#pragma once

#include <boost/system/result.hpp>

#include <string>

namespace hearth::auth {

/// Why a text of the configuration or of a token was not taken: a sentence for whoever wrote it.
struct Problem {
  std::string text;
};

template <class T>
using Parsed = boost::system::result<T, Problem>;

}  // namespace hearth::auth
