#!/bin/sh
':' //; [ "$1" = docker-cli-plugin-metadata ] && at=$(readlink -f "$0") && exec cat "${at%/*}/../dist/docker-plugin.json"
':' //; exec node -- "$0" "$@"
// Docker asks its plugins who they are before each command of theirs; sh answers in a tenth of the time.
// And sh for the two dashes: without them Node takes an --env-file that stands anywhere behind, the command's own too.
const completes = process.argv[2] === '__complete'
require('../dist/boot.js').boot(...(completes ? ['complete', 'complete'] : ['main', 'enter']))
