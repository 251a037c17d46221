# cmake -Dfolder=<path> -Dfiles=<path>|<path>... -Doutput=<file.cpp> -P embed_files.cmake
# Writes a C++ file that holds the bytes of the files, which lie in the folder.

string(REPLACE "|" ";" files "${files}")
list(SORT files)

set(index 0)
set(literals "")
set(entries "")
foreach(file IN LISTS files)
  cmake_path(RELATIVE_PATH file BASE_DIRECTORY "${folder}" OUTPUT_VARIABLE name)
  file(SIZE "${file}" size)
  file(READ "${file}" hex HEX)
  string(REGEX REPLACE "(..)" "\\\\x\\1" bytes "${hex}")
  string(APPEND literals "constexpr char kFile${index}[] = \"${bytes}\";\n")
  string(APPEND entries "    EmbeddedFile{\"${name}\", {kFile${index}, ${size}}},\n")
  math(EXPR index "${index} + 1")
endforeach()

file(WRITE "${output}"
  "#include \"embedded_files.hpp\"\n\n#include <array>\n\nnamespace hearth::app {\n\nnamespace {\n\n"
  "${literals}\n"
  "constexpr std::array<EmbeddedFile, ${index}> kFiles{\n${entries}};\n\n"
  "}  // namespace\n\nstd::span<const EmbeddedFile> embedded_files() { return kFiles; }\n\n}  // namespace hearth::app\n")
