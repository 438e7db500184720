#!/usr/bin/env bash
# A test pipeline in one call: rents a number in a country, prints which one, waits up to a minute for the first one-time
# code that arrives on it, prints the code, and gives the number back. With a SERVICE, such as GitHub, codes of other
# services are ignored. Any number of these may run at once: each gets a number of its own, as far as the plan allows.
# Needs curl (7.68 or later) and jq.
#
#   OTPWIRE_API_KEY=otpk_… examples/wait-for-code.sh http://127.0.0.1:8080 US [SERVICE]
set -euo pipefail

usage="usage: OTPWIRE_API_KEY=otpk_… $0 http://127.0.0.1:8080 US [SERVICE]"
server=${1:?$usage} country=${2:?$usage}
: "${OTPWIRE_API_KEY:?a key that may rent numbers and read messages. $usage}"
service=${3:+&service=$(jq -rn --arg name "$3" '$name | @uri')}
api=${server%/}/v1
work=$(mktemp -d)
id=

# The value of a header of the last answer.
header() { tr -d '\r' <"$work/headers" | awk -F ': ' -v name="$1" 'tolower($1) == name { value = $2 } END { print value }'; }

# Calls the API: the body of the answer is in $work/body. A server that is restarting refuses connections, breaks them off
# or answers 503; another one knows what has arrived since, so whatever may pass is tried five times.
call() { # method path [curl's further arguments]
    local method=$1 path=$2 status pause
    shift 2
    for attempt in 1 2 3 4 5; do
        [ "$attempt" = 1 ] || sleep "$pause"
        : >"$work/headers" >"$work/body"
        status=$(curl --silent --show-error --connect-timeout 10 --max-time 90 --request "$method" \
            --header "Authorization: Bearer $OTPWIRE_API_KEY" --dump-header "$work/headers" --output "$work/body" \
            --write-out '%{http_code}' "$@" "$api$path" 2>"$work/error") || status=000
        case $status in
            2??) return ;;
            000 | 408 | 429 | 5??) pause=$(header retry-after) pause=${pause:-$attempt} ;;
            *) break ;;
        esac
    done
    echo "wait-for-code: $method $api$path: $(reason "$status")" >&2
    return 1
}

# What went wrong, in the words of the server, or of curl if there was no answer.
reason() { # status
    [ "$1" != 000 ] || { cat "$work/error"; return; }
    jq --exit-status --raw-output 'if .code then "\(.code): \(.message)" else empty end
        + (.details.available_at | if . then " (one is free at \(.))" else "" end)' "$work/body" 2>/dev/null ||
        echo "the answer is $1, and not otpwire's"
}

end() {
    [ -z "$id" ] || call DELETE "/numbers/$id" || true
    rm -rf "$work"
}
trap end EXIT

# Where the inbox ends now: what arrives after this counts, and nothing older.
call GET '/messages/wait?timeout=0'
after=$(header x-cursor)

# Repeated with the same key, after an answer that was lost, this rents no other number.
key=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
call POST /numbers --header "Idempotency-Key: $key" --header 'Content-Type: application/json' \
    --data "$(jq -n --arg country "$country" '{country_code: $country}')"
id=$(jq -r .id "$work/body")
echo "send the code to $(jq -r .phone_number "$work/body")" >&2

call GET "/messages/wait?phone_number_id=$id&message_type=otp$service&after=$after&timeout=60"
[ -s "$work/body" ] || { echo 'wait-for-code: no code came within a minute' >&2; exit 1; }
jq -r .message.otp.code "$work/body"
