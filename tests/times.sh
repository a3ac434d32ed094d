# Source this file. It names the parts of a script, runs tests, and says at the end, even after a failure, how long
# each part took and which test cases were the slowest.

part_names=() part_begins=() tested_folders=()

# part NAME: begins the part NAME, which lasts until the next one.
part() {
  echo "== $1"
  part_names+=("$1")
  part_begins+=("$SECONDS")
}

# run_tests FOLDER [OPTION...]: runs the tests of a build folder, one per processor; options go to ctest.
run_tests() {
  local folder=$1
  shift
  tested_folders+=("$folder")
  rm -f "$folder/Testing/Temporary/LastTest.log"
  ctest --test-dir "$folder" --output-on-failure --no-tests=error -j"$(nproc)" "$@"
}

# slowest_cases FOLDER: prints seconds and names of the ten slowest test cases of the last run there.
slowest_cases() {
  local log=$1/Testing/Temporary/LastTest.log
  [ -e "$log" ] || return 0
  echo "== ten slowest test cases of $1, seconds"
  awk '/^[0-9]+\/[0-9]+ Test: / { sub(/^[0-9]+\/[0-9]+ Test: /, ""); name = $0 }
       /^Test time = / { printf "%8.2f  %s\n", $4, name }' "$log" | sort -rn | sed -n 1,10p
}

print_times() {
  local status=$? i seconds folder note
  part_begins+=("$SECONDS")
  for folder in "${tested_folders[@]}"; do slowest_cases "$folder"; done
  echo "== minutes"
  for i in "${!part_names[@]}"; do
    seconds=$((part_begins[i + 1] - part_begins[i])) note=""
    [ "$status" = 0 ] || [ $((i + 1)) != ${#part_names[@]} ] || note=", failed"
    printf '%3d:%02d  %s%s\n' $((seconds / 60)) $((seconds % 60)) "${part_names[i]}" "$note"
  done
}
trap print_times EXIT
