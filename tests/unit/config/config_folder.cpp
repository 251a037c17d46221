#include "unit/config/config_folder.hpp"

#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace hearth::config {

ConfigFolder::ConfigFolder() {
  std::string name = std::filesystem::temp_directory_path() / "hearth-config-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
  path_ = name;
}

ConfigFolder::~ConfigFolder() { std::filesystem::remove_all(path_); }

Path ConfigFolder::write(const std::string& name, std::string_view text, mode_t mode) const {
  Path file = path_ / name;
  std::ofstream(file) << text;
  ::chmod(file.c_str(), mode);
  return file;
}

Loaded ConfigFolder::load(std::string_view text, Variables variables, Flags flags) const {
  return config::read(
      {.file = write("hearth.toml", text), .flags = std::move(flags), .variables = std::move(variables)});
}

std::vector<std::string> ConfigFolder::problems(std::string_view text, Variables variables, Flags flags) const {
  return problems_of(load(text, std::move(variables), std::move(flags)));
}

std::vector<std::string> ConfigFolder::problems_of(const Loaded& loaded) const {
  const std::string folder = path_.string() + '/';
  std::vector<std::string> all;
  for (const Problem& problem : loaded.problems) {
    std::string line = problem.str();
    for (std::size_t at = 0; (at = line.find(folder)) != std::string::npos;) line.erase(at, folder.size());
    all.push_back(std::move(line));
  }
  return all;
}

}  // namespace hearth::config
