# hearth_embed(<target> <folder> <file>...): puts the bytes of the files, which lie in the folder, into the target, to be
# read through "embedded_files.hpp". A file that changes is embedded anew.
function(hearth_embed target folder)
  set(directory "${CMAKE_CURRENT_BINARY_DIR}/${target}_embedded")
  set(source "${directory}/embedded_files.cpp")
  set(files)
  foreach(file IN LISTS ARGN)
    cmake_path(ABSOLUTE_PATH file NORMALIZE)
    list(APPEND files "${file}")
  endforeach()
  configure_file("${PROJECT_SOURCE_DIR}/cmake/embedded_files.hpp.in" "${directory}/embedded_files.hpp" COPYONLY)
  list(JOIN files "|" joined)
  add_custom_command(
    OUTPUT "${source}"
    COMMAND ${CMAKE_COMMAND} "-Dfolder=${folder}" "-Dfiles=${joined}" "-Doutput=${source}"
      -P "${PROJECT_SOURCE_DIR}/cmake/embed_files.cmake"
    DEPENDS ${files} "${PROJECT_SOURCE_DIR}/cmake/embed_files.cmake"
    COMMENT "Embedding files into ${target}"
    VERBATIM)
  target_sources(${target} PRIVATE "${source}")
  target_include_directories(${target} PRIVATE "${directory}")
endfunction()
