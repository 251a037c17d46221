# cmake -Dbuild=<tree> -Dwork=<directory> -Dcxx=<compiler> -P run.cmake
# Installs the tree below the directory, builds the program beside this file against it and runs that.

function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ECHO STDOUT COMMAND_ERROR_IS_FATAL ANY)
endfunction()

set(prefix "${work}/prefix")
set(consumer "${work}/consumer")
file(REMOVE_RECURSE "${work}")

run("${CMAKE_COMMAND}" --install "${build}" --prefix "${prefix}")
run("${CMAKE_COMMAND}" -G Ninja -S "${CMAKE_CURRENT_LIST_DIR}" -B "${consumer}"
  "-DCMAKE_CXX_COMPILER=${cxx}" -DCMAKE_BUILD_TYPE=Debug "-DCMAKE_PREFIX_PATH=${prefix}")
run("${CMAKE_COMMAND}" --build "${consumer}")
run("${consumer}/with_hearth")
run("${consumer}/with_hearth_static")
run("${prefix}/bin/hearth" --version)
