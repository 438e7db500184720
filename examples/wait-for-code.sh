#!/usr/bin/env bash
# A test pipeline in one call: rents a number in a country, prints which one, waits up to a minute for the first one-time
# code that arrives on it, prints the code, and gives the number back. With a SERVICE, such as GitHub, codes of other
# services are ignored. Any number of these may run at once: each gets a number of its own. Needs curl (7.68 or later) and
# jq.
#
#   OTPWIRE_API_KEY=otpk_… examples/wait-for-code.sh http://127.0.0.1:8080 US [SERVICE]
set -euo pipefail

api=${1:?where otpwire is, such as http://127.0.0.1:8080}/v1
country=${2:?a country, such as US}
service=${3:+&service=$(jq -rn --arg name "$3" '$name | @uri')}
: "${OTPWIRE_API_KEY:?a key that may rent numbers and read messages}"
work=$(mktemp -d)
id=

# Calls the API: the body of the answer is in $work/body, its headers in $work/headers. A server that is restarting refuses
# connections or answers 503; another one knows what has arrived since. What went wrong is said in the server's words.
call() { # method path [curl's further arguments]
    local method=$1 path=$2 status
    shift 2
    status=$(curl --silent --show-error --retry 5 --retry-connrefused --request "$method" \
        --header "Authorization: Bearer $OTPWIRE_API_KEY" --dump-header "$work/headers" --output "$work/body" \
        --write-out '%{http_code}' "$@" "$api$path")
    [ "${status:0:1}" = 2 ] && return
    echo "wait-for-code: $method $path: $status $(jq -r '"\(.code): \(.message)" + (.details.available_at // "" | if . == "" then "" else " (one is free at \(.))" end)' "$work/body" 2>/dev/null || cat "$work/body")" >&2
    return 1
}

end() {
    [ -z "$id" ] || call DELETE "/numbers/$id" || true
    rm -rf "$work"
}
trap end EXIT

# Where the inbox ends now: what arrives after this counts, and nothing older.
call GET '/messages/wait?timeout=0'
after=$(tr -d '\r' <"$work/headers" | sed -n 's/^x-cursor: //Ip' | tail -n 1)

# Repeated with the same key, after an answer that was lost, this rents no other number.
key=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
call POST /numbers --header "Idempotency-Key: $key" --header 'Content-Type: application/json' \
    --data "$(jq -n --arg country "$country" '{country_code: $country}')"
id=$(jq -r .id "$work/body")
echo "send the code to $(jq -r .phone_number "$work/body")" >&2

call GET "/messages/wait?phone_number_id=$id&message_type=otp$service&after=$after&timeout=60"
[ -s "$work/body" ] || { echo "wait-for-code: no code came within a minute" >&2; exit 1; }
jq -r .message.otp.code "$work/body"
