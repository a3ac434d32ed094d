# Writes the source's commit to OUTPUT as a C string. Leaves OUTPUT untouched if nothing changed, to avoid rebuilds.
execute_process(COMMAND git describe --always --dirty --abbrev=12 --match "v[0-9]*" WORKING_DIRECTORY ${SOURCE}
                OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
if(failed OR commit STREQUAL "")
  set(commit unknown)
endif()
file(CONFIGURE OUTPUT ${OUTPUT} CONTENT "\"${commit}\"\n")
