# cmake -D build= -D config= -D compiler= -D flags= -D scratch= -P run.cmake
# Installs the build, then builds and runs the program beside this file against it, by find_package
# and by pkg-config, as the library was compiled and with flags that change how Eigen aligns memory.
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
  -D "CMAKE_CXX_FLAGS=${flags}"
  -D CMAKE_PREFIX_PATH=${scratch}/prefix)
run(${CMAKE_COMMAND} --build ${scratch}/build)
run(${scratch}/build/consume)

file(GLOB pkgconfig_file ${scratch}/prefix/lib*/pkgconfig/popflow.pc
  ${scratch}/prefix/lib/*/pkgconfig/popflow.pc)
cmake_path(GET pkgconfig_file PARENT_PATH pkgconfig_dir)
set(ENV{PKG_CONFIG_PATH} ${pkgconfig_dir})
function(pkg_config variable)
  execute_process(COMMAND pkg-config ${ARGN} popflow
    OUTPUT_VARIABLE output OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  separate_arguments(output)
  set(${variable} ${output} PARENT_SCOPE)
endfunction()
pkg_config(compile_flags --cflags)
pkg_config(libraries --libs)

# by_pkg_config(COMPILER FLAGS...): compiles with these flags beside those of pkg-config, and runs.
function(by_pkg_config with)
  message(STATUS "pkg-config, ${with}, flags: ${ARGN}")
  run(${with} -std=c++20 ${flags} ${ARGN} ${source}/main.cpp ${compile_flags} ${libraries}
    -o ${scratch}/by_pkg_config)
  run(${scratch}/by_pkg_config)
endfunction()
# All of the library, so that whatever it needs is missed.
list(TRANSFORM libraries REPLACE "^-lpopflow$" -Wl,--whole-archive,-lpopflow,--no-whole-archive
  OUTPUT_VARIABLE whole_library)
set(part_of_library ${libraries})
set(libraries ${whole_library})
by_pkg_config(${compiler})
set(libraries ${part_of_library})

by_pkg_config(${compiler} -march=native)
if(NOT flags)
  by_pkg_config(${compiler} -fsanitize=address)
endif()
set(processor)
if(EXISTS /proc/cpuinfo)
  file(STRINGS /proc/cpuinfo processor REGEX "^flags" LIMIT_COUNT 1)
endif()
if(processor MATCHES " avx ")
  by_pkg_config(${compiler} -mavx)
endif()
if(processor MATCHES " avx512f ")
  by_pkg_config(${compiler} -mavx512f -mfma)
endif()
# What one compiler sanitized, another does not link.
find_program(clang NAMES clang++ clang++-14 clang++-19)
if(clang AND NOT flags)
  by_pkg_config(${clang} -march=native)
endif()

# Whoever leaves the definitions out, or uses Eigen in another way, is told so.
function(noticed)
  execute_process(
    COMMAND ${compiler} -std=c++20 -fsyntax-only ${ARGN} ${source}/main.cpp
    RESULT_VARIABLE status ERROR_VARIABLE message)
  if(status EQUAL 0 OR NOT message MATCHES "popflow: Eigen .* than in the library")
    message(FATAL_ERROR "not noticed, ${ARGN}: ${message}")
  endif()
endfunction()
noticed(${compile_flags} -DEIGEN_DEFAULT_DENSE_INDEX_TYPE=int)
list(FILTER compile_flags EXCLUDE REGEX "^-DEIGEN_")
noticed(${compile_flags})

# Every public header that includes Eigen's includes the one that notices, by way of others or not.
set(include ${scratch}/prefix/include)
function(includes_of header seen)
  list(APPEND ${seen} ${header})
  file(STRINGS ${include}/${header} lines REGEX "^#include [\"<](popflow|Eigen)/")
  foreach(line IN LISTS lines)
    string(REGEX REPLACE "^#include .([^>\"]*).*" "\\1" other "${line}")
    if(other MATCHES "^Eigen/")
      list(APPEND ${seen} Eigen)
    elseif(NOT other IN_LIST ${seen})
      includes_of(${other} ${seen})
    endif()
  endforeach()
  set(${seen} ${${seen}} PARENT_SCOPE)
endfunction()
file(GLOB headers RELATIVE ${include} ${include}/popflow/*/*.hpp)
foreach(header IN LISTS headers)
  set(included)
  includes_of(${header} included)
  if(Eigen IN_LIST included AND NOT popflow/lattice/eigen.hpp IN_LIST included)
    message(FATAL_ERROR "${header} includes Eigen's, and not popflow/lattice/eigen.hpp")
  endif()
endforeach()
