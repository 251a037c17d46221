# Most of compiling a file goes into headers and templates that the next one has as well, so several files are compiled
# as one: tests, and in the trees with sanitizers, where it takes twice as long, what is tested too. The tree of the
# preset release compiles that file by file.

# Files that are put together.
set(HEARTH_UNITED 6)

# hearth_unite_folders(<target> [<file>...]): the files of a folder become one; all of the target, or those given. Since
# they share a namespace, what stands in their anonymous ones has to have different names.
function(hearth_unite_folders target)
  set(sources ${ARGN})
  if(NOT sources)
    get_target_property(sources ${target} SOURCES)
  endif()
  foreach(source IN LISTS sources)
    cmake_path(GET source PARENT_PATH folder)
    cmake_path(GET folder FILENAME group)
    set_source_files_properties("${source}" PROPERTIES UNITY_GROUP ${group})
  endforeach()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # It takes what a united file includes for a header, in which an anonymous namespace would be a mistake.
    target_compile_options(${target} PRIVATE -Wno-subobject-linkage)
  endif()
endfunction()

# hearth_unite_tests(<variable> <name> <file>...): the given files of tests, several in one, if all that a file has is in
# an anonymous namespace: that gets a name, since tests call alike what they need. Compilers and sanitizers name the lines
# of the files themselves. Which go together depends on their names alone, so that a new one changes little.
function(hearth_unite_tests variable name)
  list(LENGTH ARGN count)
  math(EXPR groups "(${count} + ${HEARTH_UNITED} - 1) / ${HEARTH_UNITED}")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${ARGN})
  set(sources)
  foreach(file IN LISTS ARGN)
    file(READ "${file}" text)
    string(REGEX MATCHALL "\nnamespace {\n" anonymous "${text}")
    if(NOT anonymous STREQUAL "\nnamespace {\n" OR NOT text MATCHES "\n}  // namespace\n}  // namespace [a-z_:]+\n$")
      list(APPEND sources "${file}")
      continue()
    endif()
    cmake_path(RELATIVE_PATH file BASE_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}" OUTPUT_VARIABLE path)
    string(MAKE_C_IDENTIFIER "${path}" namespace)
    string(REPLACE "\nnamespace {\n" "\nnamespace ${namespace} {\n" text "${text}")
    string(MD5 hash "${path}")
    string(SUBSTRING "${hash}" 0 4 hash)
    math(EXPR group "0x${hash} % ${groups}")
    string(APPEND united_${group} "#line 1 \"tests/${path}\"\n${text}\n")
  endforeach()

  math(EXPR last "${groups} - 1")
  foreach(group RANGE ${last})
    if(DEFINED united_${group})
      set(path "${CMAKE_CURRENT_BINARY_DIR}/united/${name}_${group}.cpp")
      hearth_write_if_changed("${path}" "${united_${group}}")
      list(APPEND sources "${path}")
    endif()
  endforeach()
  set(${variable} "${sources}" PARENT_SCOPE)
endfunction()

function(hearth_write_if_changed path text)
  set(before)
  if(EXISTS "${path}")
    file(READ "${path}" before)
  endif()
  if(NOT text STREQUAL before)
    file(WRITE "${path}" "${text}")
  endif()
endfunction()
