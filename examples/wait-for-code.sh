#!/usr/bin/env bash
# A test pipeline in one call: rents a number of a country, tells which, waits up to a minute for the
# first message that arrives on it, prints its text, and gives the number back. Needs curl and jq.
#
#   OTPWIRE_API_KEY=otpk_… examples/wait-for-code.sh http://127.0.0.1:8080 US
set -euo pipefail

api=${1:?where otpwire is, such as http://127.0.0.1:8080}/v1
country=${2:?a country, such as US}
call() { curl --silent --show-error --fail-with-body --header "Authorization: Bearer ${OTPWIRE_API_KEY:?}" "$@"; }

# Taken before anybody is asked to send something: what comes from now on counts.
since=$(date -u +%Y-%m-%dT%H:%M:%SZ)
id=$(call "$api/numbers?country_code=$country&status=available&limit=1" | jq -e '.numbers[0].id')
number=$(call "$api/numbers" --json "{\"phone_number_id\":$id}" | jq -r .phone_number)
trap 'call --request DELETE "$api/numbers/$id" >/dev/null' EXIT

echo "send the code to $number" >&2
received=$(call "$api/messages/wait?phone_number_id=$id&since=$since&timeout=60")
[ -n "$received" ] || { echo "nothing came within a minute" >&2; exit 1; }
jq -r .message.message_content <<<"$received"
