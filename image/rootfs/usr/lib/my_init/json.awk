# Bytes as decimal numbers (od -tu1), of NAME=VALUE with a zero after each, become one JSON object.
# What is not UTF-8 becomes U+FFFD, a byte at a time; all else is kept.

function put(byte) {
  if (byte == 34 || byte == 92) printf "\\%c", byte
  else if (byte < 32 || byte == 127) printf "\\u%04x", byte
  else printf "%c", byte
}

# A sequence that breaks off, in the middle or at once.
function give_up() {
  for (; seen > 0; seen--) printf "\\ufffd"
  missing = 0
}

# The first byte says how many follow, and for four of them a narrower range of the second (RFC 3629).
function begin(byte) {
  low = 128
  high = 191
  if (byte >= 194 && byte <= 223) missing = 1
  else if (byte >= 224 && byte <= 239) missing = 2
  else if (byte >= 240 && byte <= 244) missing = 3
  if (byte == 224) low = 160
  if (byte == 237) high = 159
  if (byte == 240) low = 144
  if (byte == 244) high = 143
  sequence = sprintf("%c", byte)
  seen = 1
  if (missing == 0) give_up()
}

function take(byte) {
  if (missing > 0 && byte >= low && byte <= high) {
    sequence = sequence sprintf("%c", byte)
    seen++
    low = 128
    high = 191
    if (--missing == 0) {
      printf "%s", sequence
      seen = 0
    }
    return
  }
  if (missing > 0) give_up()

  if (byte == 0) {
    printf "\""
    open = 0
    return
  }
  if (!open) {
    printf "%s\"", count++ ? ", " : ""
    open = 1
    in_name = 1
  }
  if (in_name && byte == 61) {
    printf "\": \""
    in_name = 0
  } else if (byte >= 128) begin(byte)
  else put(byte)
}

BEGIN { printf "{" }
{ for (i = 1; i <= NF; i++) take($i + 0) }
END { print "}" }
