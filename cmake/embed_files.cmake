# cmake -Dfiles=<path>|<path>... -Doutput=<file.cpp> -P embed_files.cmake
# Writes a C++ file that holds the bytes of the files. Their names, without directories, have to differ.

string(REPLACE "|" ";" files "${files}")
set(named "")
foreach(file IN LISTS files)
  cmake_path(GET file FILENAME name)
  if(DEFINED path_of_${name})
    message(FATAL_ERROR "Two files to embed have the name ${name}: ${path_of_${name}} and ${file}")
  endif()
  set(path_of_${name} "${file}")
  list(APPEND names "${name}")
endforeach()
list(SORT names)

set(index 0)
set(literals "")
set(entries "")
foreach(name IN LISTS names)
  file(SIZE "${path_of_${name}}" size)
  file(READ "${path_of_${name}}" hex HEX)
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
