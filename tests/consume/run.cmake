# cmake -D build= -D config= -D compiler= -D flags= -D scratch= -P run.cmake
# Installs the build, then builds and runs the program beside this file against it, by find_package
# and by pkg-config.
cmake_minimum_required(VERSION 3.25)
set(source ${CMAKE_CURRENT_LIST_DIR})
function(run)
  execute_process(COMMAND ${ARGV} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

file(REMOVE_RECURSE ${scratch})
run(${CMAKE_COMMAND} --install ${build} --config ${config} --prefix ${scratch}/prefix)
run(${CMAKE_COMMAND} -S ${source} -B ${scratch}/build -G Ninja
  -D CMAKE_BUILD_TYPE=${config}
  -D CMAKE_CXX_COMPILER=${compiler}
  -D CMAKE_CXX_FLAGS=${flags}
  -D CMAKE_PREFIX_PATH=${scratch}/prefix)
run(${CMAKE_COMMAND} --build ${scratch}/build)
run(${scratch}/build/consume)

file(GLOB pkgconfig_file ${scratch}/prefix/lib*/pkgconfig/popflow.pc
  ${scratch}/prefix/lib/*/pkgconfig/popflow.pc)
cmake_path(GET pkgconfig_file PARENT_PATH pkgconfig_dir)
set(ENV{PKG_CONFIG_PATH} ${pkgconfig_dir})
execute_process(COMMAND pkg-config --cflags --libs popflow
  OUTPUT_VARIABLE arguments OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
separate_arguments(arguments)
if(NOT -DEIGEN_DONT_PARALLELIZE IN_LIST arguments)
  message(FATAL_ERROR "pkg-config does not say how Eigen was used: ${arguments}")
endif()
# All of the library, so that whatever it needs is missed.
list(TRANSFORM arguments REPLACE "^-lpopflow$" -Wl,--whole-archive,-lpopflow,--no-whole-archive)
run(${compiler} -std=c++20 ${flags} ${source}/main.cpp ${arguments} -o ${scratch}/by_pkg_config)
run(${scratch}/by_pkg_config)
