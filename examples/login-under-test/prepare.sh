#!/bin/sh
# Prepares an otpwire for these tests: a provider whose webhooks the application signs, ten numbers, a user, and a key that
# may lease them. Prints the variables that the application and the tests need. Its arguments are how otpwire is called:
#
#   eval "$(./prepare.sh otpwire)"                            a program, with the settings of its server
#   eval "$(./prepare.sh docker exec -i CONTAINER otpwire)"   a container
set -eu

[ $# -gt 0 ] || { echo "usage: $0 otpwire" >&2; exit 1; }
random() { od -An -N16 -tx1 /dev/urandom | tr -d ' \n'; }
secret=$(random)
printf %s "$secret" | "$@" admin add-provider --kind sandbox --name sandbox >&2
seq -f '+1415555%04.0f' 100 109 | "$@" admin import-numbers --provider sandbox - >&2
# Nobody signs in with this password: the key is enough.
random | "$@" admin create-user --email ci@example.com >&2
# The free plan has three numbers at a time.
"$@" admin update-user --email ci@example.com --plan premium >&2
key=$("$@" admin create-api-key ci@example.com --name ci --scopes numbers:lease)
echo "export SANDBOX_SECRET=$secret OTPWIRE_API_KEY=$key OTPWIRE_URL=${OTPWIRE_URL:-http://127.0.0.1:8080}"
