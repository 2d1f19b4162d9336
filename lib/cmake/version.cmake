# cmake -D git= -D checkout= -D version= -D compiler= -D input= -D output= -P version.cmake
# Fills in version.cpp.in; the output keeps its date when nothing changed.
set(revision unknown)
if(git AND EXISTS ${checkout}/.git)
  execute_process(
    COMMAND ${git} --no-optional-locks describe --always --dirty --abbrev=12 --exclude=*
    WORKING_DIRECTORY ${checkout}
    OUTPUT_VARIABLE described
    RESULT_VARIABLE status
    OUTPUT_STRIP_TRAILING_WHITESPACE
    ERROR_QUIET)
  if(status EQUAL 0)
    set(revision ${described})
  endif()
endif()
configure_file(${input} ${output} @ONLY)
