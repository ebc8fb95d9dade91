#!/bin/bash
# A client of Halley in forty lines of shell and curl, from what `man halley-web` says and nothing else.
#   HALLEY_TOKEN=halley_... ./client.sh http://127.0.0.1:8067 libera '#channel' cursor-file
# Prints what is said in the channel, says what it reads from standard input, and goes on where it was when it comes back.
url=$1 network=$2 target=$3 file=$4
client=client.sh-$$-$(date +%s)

ask() { # curl with the token, which is not shown in a list of processes
  printf 'header = "Authorization: Bearer %s"\n' "$HALLEY_TOKEN" | curl -sSN --config - "$@"
}

stream() { # one stream of frames, a line each, from the cursor in the file; 40 seconds without a byte end it
  set -- --get -d transport=ndjson -d "client=$client" --speed-time 40 --speed-limit 1 "$url/api/events"
  if [ -s "$file" ]; then set -- --data-urlencode "after=$(cat "$file")" "$@"; fi
  ask "$@"
}

take() { # one frame
  case $1 in
    '{"id":'*"\"network\":\"$network\""*" PRIVMSG $target :"*)
      printf '%s\n' "$1" | sed 's/.*"line":"[^ ]* :\([^ !]*\)[^ ]* PRIVMSG [^ ]* :\(.*\)"}$/<\1> \2/; s/\\\(["\\]\)/\1/g' ;;
  esac
  id=$(printf '%s\n' "$1" | sed -n 's/^{\("event":"ready",\)\{0,1\}"id":"\([^"]*\)".*/\2/p')
  if [ -n "$id" ]; then printf '%s\n' "$id" >"$file.new" && mv "$file.new" "$file"; fi # never half a cursor
}

command() { # a numbered command, repeated until it is answered: it is done once, however often it arrives
  text=$(printf '%s' "$2" | sed 's/[\\"]/\\&/g')
  until ask -f -H 'Content-Type: application/json' "$url/api/commands" \
    -d "{\"client\":\"$client\",\"seq\":$1,\"network\":\"$network\",\"line\":\"PRIVMSG $target :$text\"}" >&2; do sleep 1; done
}

set -m # what runs behind is a group of its own, and goes as one
while :; do stream | while IFS= read -r frame; do take "$frame"; done; sleep 1; done &
trap 'kill -- -$!' EXIT
trap exit INT TERM
seq=0
while IFS= read -r line; do command $((seq += 1)) "$line"; done
wait
