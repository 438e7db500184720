#!/usr/bin/env bash
# A test pipeline in one call: rents a number of a country, tells which, waits a minute for the
# first one-time code that arrives on it, prints it, and gives the number back. With a SERVICE, such as
# GitHub, codes of others do not count. Needs curl and jq.
#
#   OTPWIRE_API_KEY=otpk_… examples/wait-for-code.sh http://127.0.0.1:8080 US [SERVICE]
set -euo pipefail

api=${1:?where otpwire is, such as http://127.0.0.1:8080}/v1
country=${2:?a country, such as US}
service=${3:+&service=$(jq -rn --arg name "$3" '$name | @uri')}
call() { curl --silent --show-error --fail-with-body --header "Authorization: Bearer ${OTPWIRE_API_KEY:?}" "$@"; }

# Taken before anybody is asked to send something: what comes from now on counts.
since=$(date -u +%Y-%m-%dT%H:%M:%SZ)
id=$(call "$api/numbers?country_code=$country&status=available&limit=1" | jq -e '.numbers[0].id')
number=$(call "$api/numbers" --json "{\"phone_number_id\":$id}" | jq -r .phone_number)
answer=$(mktemp)
trap 'rm -f "$answer"; call --request DELETE "$api/numbers/$id" >/dev/null' EXIT

echo "send the code to $number" >&2
# A server that is being restarted answers 503, and the next one knows what came since. It waits a minute again.
wait="$api/messages/wait?phone_number_id=$id&message_type=otp$service&since=$since&timeout=60"
call --retry 5 --retry-connrefused --output "$answer" "$wait" || { cat "$answer" >&2; exit 1; }
[ -s "$answer" ] || { echo "no code came within a minute" >&2; exit 1; }
jq -r .message.otp.code "$answer"
