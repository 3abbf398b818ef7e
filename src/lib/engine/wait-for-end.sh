# Becomes the words behind it when its input ends without the word that all is done.

trap '' HUP INT TERM
read -r word
[ "$word" = 'done' ] || exec "$@"
