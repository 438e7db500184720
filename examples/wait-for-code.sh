#!/usr/bin/env bash
# A test pipeline in one call: rents a number in a country, prints which one, waits up to a minute for the first one-time
# code that arrives on it, prints the code, and gives the number back. With a SERVICE, such as GitHub, codes of other
# services are ignored. Needs curl and jq.
#
#   OTPWIRE_API_KEY=otpk_… examples/wait-for-code.sh http://127.0.0.1:8080 US [SERVICE]
set -euo pipefail

api=${1:?where otpwire is, such as http://127.0.0.1:8080}/v1
country=${2:?a country, such as US}
service=${3:+&service=$(jq -rn --arg name "$3" '$name | @uri')}
call() { curl --silent --show-error --fail-with-body --header "Authorization: Bearer ${OTPWIRE_API_KEY:?}" "$@"; }

# Taken before anything is sent, so that only later messages count and none is missed.
since=$(date -u +%Y-%m-%dT%H:%M:%SZ)
id=$(call "$api/numbers?country_code=$country&status=available&limit=1" | jq -e '.numbers[0].id')
number=$(call "$api/numbers" --json "{\"phone_number_id\":$id}" | jq -r .phone_number)
answer=$(mktemp)
trap 'rm -f "$answer"; call --request DELETE "$api/numbers/$id" >/dev/null' EXIT

echo "send the code to $number" >&2
# A server that is restarting answers 503; another one knows what has arrived since. Then it waits another minute.
wait="$api/messages/wait?phone_number_id=$id&message_type=otp$service&since=$since&timeout=60"
call --retry 5 --retry-connrefused --output "$answer" "$wait" || { cat "$answer" >&2; exit 1; }
[ -s "$answer" ] || { echo "no code came within a minute" >&2; exit 1; }
jq -r .message.otp.code "$answer"
