# Reads bytes as decimal numbers (od -tu1), of NAME=VALUE with a zero after each. Writes them to the file `sh`, as lines
# that are safe to source whatever the values hold, and to the file `json`, as one object.

BEGIN {
  for (i = 1; i < 256; i++) char[i] = sprintf("%c", i)
  # They belong to a user, and are in neither.
  set(personal, "HOME USER GROUP UID GID SHELL PWD")
  # A shell refuses these, or goes wrong by them.
  set(shells_own, "BASHOPTS BASH_VERSINFO EUID IFS LINENO OPTIND PPID SHELLOPTS")
  printf "{" >json
  printf "" >sh
}

{ for (i = 1; i <= NF; i++) take($i + 0) }

END { print "}" >json }

function set(names, words,  list, count, at) {
  count = split(words, list, " ")
  for (at = 1; at <= count; at++) names[list[at]] = 1
}

function take(byte) {
  if (byte == 0) end_value()
  else if (in_value) value(byte)
  else if (byte == 61) begin_value()
  else bytes[++length_of_name] = byte
}

function begin_value(  name, at) {
  name = ""
  for (at = 1; at <= length_of_name; at++) name = name char[bytes[at]]
  for_json = !(name in personal)
  for_sh = for_json && !(name in shells_own)
  if (for_json) {
    printf "%s\"", count++ ? ", " : "" >json
    for (at = 1; at <= length_of_name; at++) json_byte(bytes[at])
    json_whole()
    printf "\": \"" >json
  }
  # What no shell takes for a name becomes one that it does.
  gsub(/[^A-Za-z0-9_]/, "_", name)
  sub(/^[0-9]/, "_&", name)
  if (for_sh) printf "export %s='", name >sh
  in_value = 1
}

function value(byte) {
  if (for_json) json_byte(byte)
  if (for_sh) printf "%s", byte == 39 ? "'\\''" : char[byte] >sh
}

function end_value() {
  if (in_value && for_json) {
    json_whole()
    printf "\"" >json
  }
  if (in_value && for_sh) print "'" >sh
  in_value = length_of_name = 0
}

# JSON is UTF-8: a sequence is written when it is complete, and each byte of what is none becomes U+FFFD.
function json_byte(byte) {
  if (missing > 0 && byte >= low && byte <= high) {
    sequence = sequence char[byte]
    seen++
    low = 128
    high = 191
    if (--missing > 0) return
    printf "%s", sequence >json
    seen = 0
    return
  }
  json_whole()
  if (byte >= 128) begin_sequence(byte)
  else if (byte == 34 || byte == 92) printf "\\%s", char[byte] >json
  else if (byte < 32 || byte == 127) printf "\\u%04x", byte >json
  else printf "%s", char[byte] >json
}

# The first byte says how many follow, and for four of them a narrower range of the second (RFC 3629).
function begin_sequence(byte) {
  low = byte == 224 ? 160 : byte == 240 ? 144 : 128
  high = byte == 237 ? 159 : byte == 244 ? 143 : 191
  missing = byte < 194 || byte > 244 ? 0 : byte < 224 ? 1 : byte < 240 ? 2 : 3
  sequence = char[byte]
  seen = 1
  if (missing == 0) json_whole()
}

# A sequence that broke off.
function json_whole() {
  for (; seen > 0; seen--) printf "\\ufffd" >json
  missing = 0
}
