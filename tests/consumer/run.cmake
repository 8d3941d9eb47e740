# cmake -DBUILD=… -DSOURCE=… -DWORK=… -P run.cmake: installs BUILD below WORK, then builds and runs
# the README's quick start against the installed copy, as a user's project would.
function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${ARGN} failed:\n${output}")
  endif()
  message(STATUS "${output}")
endfunction()
file(REMOVE_RECURSE ${WORK})
run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/prefix)
run(${CMAKE_COMMAND} -S ${SOURCE}/tests/consumer -B ${WORK}/build -DCMAKE_PREFIX_PATH=${WORK}/prefix
  -DCMAKE_BUILD_TYPE=Release -DQUICK_START=${SOURCE}/tests/docs/quick_start.cpp)
run(${CMAKE_COMMAND} --build ${WORK}/build)
run(${WORK}/build/quick_start)
