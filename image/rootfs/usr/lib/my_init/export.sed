# NAME=VALUE, zero-terminated, becomes a line that any shell can read, whatever the value holds.

# A shell refuses these, or goes wrong by them.
/^(BASHOPTS|BASH_VERSINFO|EUID|IFS|LINENO|OPTIND|PPID|SHELLOPTS)=/d
s/'/'\\''/g
s/^[0-9]/_&/
:name
s/^([A-Za-z0-9_]*)[^A-Za-z0-9_=]/\1_/
tname
s/^([^=]*)=(.*)$/export \1='\2'/
