#!/usr/bin/env bash
# Runs tests that start the service as a process on rowmill.jar, which lacks what proguard.pro does not
# keep. Needs the classes of the tests, as after `./mvnw verify`. By default those of what libraries
# load by name:
#   test-jar.sh [TESTS]
set -euo pipefail
cd "$(dirname "$0")/../.."

tests=${1:-JarIT,TracesIT,HttpTaskCrashIT#rows_are_written_once_whenever_the_service_is_killed,McpIT}
echo "-- $tests on rowmill.jar"
./mvnw -q failsafe:integration-test@default failsafe:verify@default -Dit.test="$tests" \
  -Dtesting.jar=target/release/rowmill.jar -Dtesting.agent= -DtempDir=failsafe-jar
