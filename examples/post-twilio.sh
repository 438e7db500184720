#!/usr/bin/env bash
# Posts a webhook signed as Twilio signs it: base64 of HMAC-SHA1 over the address and the sorted fields.
#
#   TWILIO_AUTH_TOKEN=… examples/post-twilio.sh URL TO TEXT [FROM]
#
# URL is what you would paste into Twilio's console, such as
# http://127.0.0.1:8080/v1/webhooks/sms?provider=twilio; it must begin with the server's public_url.
set -euo pipefail

usage="usage: TWILIO_AUTH_TOKEN=… $0 URL TO TEXT [FROM]"
url=${1:?$usage} to=${2:?$usage} text=${3?$usage} from=${4:-+14155550199}
: "${TWILIO_AUTH_TOKEN:?$usage}"
sid=SM$(openssl rand -hex 16)

# The fields in alphabetical order: Body, From, MessageSid, To.
signed="${url}Body${text}From${from}MessageSid${sid}To${to}"
signature=$(printf %s "$signed" | openssl dgst -sha1 -hmac "$TWILIO_AUTH_TOKEN" -binary | base64)

curl --silent --show-error --include "$url" \
    --header "X-Twilio-Signature: $signature" \
    --data-urlencode "MessageSid=$sid" \
    --data-urlencode "From=$from" \
    --data-urlencode "To=$to" \
    --data-urlencode "Body=$text"
echo
